package commdn.bridge;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The list of the SDK's members in the README is that of the compiled bridge:
 * none is missing, none is idle, and the stand-in has each of them.
 *
 * <p>MembersTest HERE OUT --print writes the list.
 */
final class MembersTest {
    private static final String SDK = "com/genesyslab/platform/";
    private static final Pattern ROW = Pattern.compile("^\\| `([a-z.]+\\.[A-Z][A-Za-z.]*)` \\|(.*)\\|$", Pattern.MULTILINE);
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    private final Map<String, Set<String>> used = new TreeMap<>(); // members by type

    public static void main(String[] args) throws Exception {
        MembersTest t = new MembersTest();
        try (JarFile jar = new JarFile(args[1] + "/bridge.jar")) {
            for (var e : jar.stream().filter(e -> e.getName().endsWith(".class")).collect(Collectors.toList())) {
                Check.that(e.getName().matches("commdn/(bridge|tlink)/[^/]+"), e.getName() + " has no place in bridge.jar");
                try (InputStream in = jar.getInputStream(e)) {
                    t.read(new DataInputStream(in));
                }
            }
        }
        Check.that(t.used.size() > 40, "only " + t.used.size() + " types of the SDK were found in the jar");
        if (args.length > 2) {
            t.used.forEach((type, members) ->
                System.out.println("| `" + type + "` | " + members.stream().map(m -> "`" + m + "`").collect(Collectors.joining(" ")) + " |"));
            return;
        }
        t.compare(Files.readString(Path.of(args[0], "README.md")));
        Check.done(MembersTest.class);
    }

    private void compare(String readme) throws Exception {
        Map<String, Set<String>> listed = new TreeMap<>();
        Matcher row = ROW.matcher(readme);
        while (row.find()) {
            Set<String> members = new TreeSet<>();
            Matcher code = CODE.matcher(row.group(2));
            while (code.find()) {
                String member = code.group(1);
                if (member.startsWith("ID = ")) { // a constant is in the class that uses it, not in its pool
                    Check.equal(member, "ID = " + type(row.group(1)).getField("ID").getInt(null), row.group(1));
                    used.putIfAbsent(row.group(1), new TreeSet<>());
                } else {
                    members.add(member);
                }
            }
            listed.put(row.group(1), members);
        }
        Set<String> all = new TreeSet<>(used.keySet());
        all.addAll(listed.keySet());
        List<String> wrong = new ArrayList<>();
        for (String type : all) {
            Set<String> missing = new TreeSet<>(used.getOrDefault(type, Set.of()));
            Set<String> idle = new TreeSet<>(listed.getOrDefault(type, Set.of()));
            missing.removeAll(listed.getOrDefault(type, Set.of()));
            idle.removeAll(used.getOrDefault(type, Set.of()));
            if (!missing.isEmpty() || !idle.isEmpty() || !listed.containsKey(type) || !used.containsKey(type)) {
                wrong.add(type + ": not in the README " + missing + ", not used " + idle);
            }
            type(type); // the stand-in has it; that it has the members is what javac has checked
        }
        Check.that(wrong.isEmpty(), "the list in README.md differs from what the bridge uses:\n" + String.join("\n", wrong));
    }

    /** The stand-in's class of a type as the list has it. */
    private static Class<?> type(String name) throws ClassNotFoundException {
        String binary = SDK.replace('/', '.') + name;
        Matcher nested = Pattern.compile("(\\.[A-Z]\\w*)\\.([A-Z]\\w*)$").matcher(binary);
        return Class.forName(nested.find() ? nested.replaceFirst("$1\\$$2") : binary);
    }

    private static String shown(String internal) {
        return internal.substring(SDK.length()).replace('/', '.').replace('$', '.');
    }

    /** Reads the constant pool of a class, and the interfaces that it implements. */
    private void read(DataInputStream in) throws IOException, ClassNotFoundException {
        in.skipBytes(8);
        int n = in.readUnsignedShort();
        Object[] pool = new Object[n];
        int[] tags = new int[n];
        for (int i = 1; i < n; i++) {
            tags[i] = in.readUnsignedByte();
            switch (tags[i]) {
                case 1:
                    pool[i] = in.readUTF();
                    break;
                case 5:
                case 6:
                    in.skipBytes(8);
                    i++;
                    break;
                case 7:
                case 8:
                case 16:
                case 19:
                case 20:
                    pool[i] = new int[] {in.readUnsignedShort()};
                    break;
                case 15:
                    in.skipBytes(3);
                    break;
                case 3:
                case 4:
                    in.skipBytes(4);
                    break;
                default: // two indices: members, name and type, dynamic ones
                    pool[i] = new int[] {in.readUnsignedShort(), in.readUnsignedShort()};
            }
        }
        for (int i = 1; i < n; i++) {
            if (tags[i] == 7) {
                typeOf(text(pool, i));
            } else if (tags[i] >= 9 && tags[i] <= 11) {
                int[] ref = (int[]) pool[i];
                int[] nameAndType = (int[]) pool[ref[1]];
                member(text(pool, ref[0]), (String) pool[nameAndType[0]], (String) pool[nameAndType[1]]);
            } else if (tags[i] == 18) { // a lambda: what it implements is what it gives
                int[] nameAndType = (int[]) pool[((int[]) pool[i])[1]];
                String descriptor = (String) pool[nameAndType[1]];
                String result = descriptor.substring(descriptor.indexOf(')') + 1);
                if (result.startsWith("L" + SDK)) {
                    implemented(result.substring(1, result.length() - 1));
                }
            }
        }
        in.skipBytes(6);
        for (int i = in.readUnsignedShort(); i > 0; i--) {
            implemented(text(pool, in.readUnsignedShort()));
        }
    }

    private static String text(Object[] pool, int i) {
        return (String) pool[((int[]) pool[i])[0]];
    }

    private Set<String> members(String internal) {
        return used.computeIfAbsent(shown(internal), k -> new TreeSet<>());
    }

    private void typeOf(String internal) {
        String plain = internal.replaceFirst("^\\[*L?", "").replaceFirst(";$", "");
        if (plain.startsWith(SDK)) {
            members(plain);
        }
    }

    private void member(String owner, String name, String descriptor) {
        Matcher types = Pattern.compile("L([^;]+);").matcher(descriptor);
        while (types.find()) {
            typeOf(types.group(1));
        }
        if (!owner.startsWith(SDK)) {
            return;
        }
        if (!descriptor.startsWith("(")) {
            members(owner).add(name);
            return;
        }
        List<String> parameters = new ArrayList<>();
        Matcher each = Pattern.compile("\\[*(?:L[^;]+;|[A-Z])").matcher(descriptor.substring(1, descriptor.indexOf(')')));
        while (each.find()) {
            parameters.add(simple(each.group()));
        }
        String arguments = "(" + String.join(", ", parameters) + ")";
        String result = simple(descriptor.substring(descriptor.indexOf(')') + 1));
        members(owner).add(name.equals("<init>") ? "new" + arguments : name + arguments + (result.equals("void") ? "" : ": " + result));
    }

    private static String simple(String descriptor) {
        String array = descriptor.startsWith("[") ? "[]" : "";
        String d = descriptor.replaceFirst("^\\[", "");
        switch (d.charAt(0)) {
            case 'V':
                return "void";
            case 'I':
                return "int" + array;
            case 'J':
                return "long" + array;
            case 'Z':
                return "boolean" + array;
            case 'B':
                return "byte" + array;
            default:
                return d.substring(Math.max(d.lastIndexOf('/'), d.lastIndexOf('$')) + 1, d.length() - 1) + array;
        }
    }

    /** All methods of an interface that the bridge implements count as used. */
    private void implemented(String internal) throws ClassNotFoundException {
        if (!internal.startsWith(SDK)) {
            return;
        }
        for (Method m : type(shown(internal)).getMethods()) {
            if (Modifier.isAbstract(m.getModifiers())) {
                String arguments = Arrays.stream(m.getParameterTypes()).map(Class::getSimpleName).collect(Collectors.joining(", "));
                String result = m.getReturnType() == void.class ? "" : ": " + m.getReturnType().getSimpleName();
                members(internal).add(m.getName() + "(" + arguments + ")" + result);
            }
        }
    }
}
