package commdn.bridge;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A properties file that is read strictly: each value knows its line, a key that
 * nobody asks for is a mistake, and all mistakes are told at once.
 */
final class Properties {
    /** The configuration cannot be used; the message has a line for each mistake. */
    static final class Mistakes extends Exception {
        private static final long serialVersionUID = 1L;

        Mistakes(List<String> lines) {
            super(String.join("\n", lines));
        }
    }

    private static final class Value {
        final String text;
        final int line;
        boolean read;

        Value(String text, int line) {
            this.text = text;
            this.line = line;
        }
    }

    private final Path file;
    private final Map<String, Value> values = new LinkedHashMap<>();
    private final List<String> known = new ArrayList<>();
    private final List<String> mistakes = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    Properties(Path file) throws Mistakes {
        this.file = file;
        List<String> lines;
        try {
            lines = text(file).lines().collect(Collectors.toList());
        } catch (IOException e) {
            throw new Mistakes(List.of(file + ": " + unreadable(file, e)));
        }
        for (int i = 0; i < lines.size(); i++) {
            int line = i + 1;
            StringBuilder whole = new StringBuilder(lines.get(i));
            while (goesOn(whole) && i + 1 < lines.size()) {
                whole.append('\n').append(lines.get(++i));
            }
            add(whole.toString(), line);
        }
    }

    /** What a file in UTF-8 holds, without the byte order mark that editors of Windows put before it. */
    private static String text(Path file) throws IOException {
        String all = Files.readString(file);
        return all.startsWith("\ufeff") ? all.substring(1) : all;
    }

    /** Why a file cannot be read. */
    static String unreadable(Path file, IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        } else if (Files.isDirectory(file)) {
            return "is a folder";
        } else if (e instanceof AccessDeniedException) {
            return "may not be read by the user " + System.getProperty("user.name");
        }
        return e instanceof MalformedInputException ? "is not UTF-8" : "cannot be read: " + e;
    }

    /** Whether a line ends in a backslash that is not itself escaped. */
    private static boolean goesOn(CharSequence line) {
        int n = line.length();
        while (n > 0 && line.charAt(n - 1) == '\\') {
            n--;
        }
        String start = line.toString().stripLeading();
        return (line.length() - n) % 2 == 1 && !start.startsWith("#") && !start.startsWith("!");
    }

    private void add(String text, int line) {
        java.util.Properties one = new java.util.Properties();
        try {
            one.load(new StringReader(text));
        } catch (IOException | IllegalArgumentException e) {
            mistake(line, "cannot be read: " + e.getMessage());
            return;
        }
        for (String key : one.stringPropertyNames()) {
            Value before = values.putIfAbsent(key, new Value(one.getProperty(key).strip(), line));
            if (before != null) {
                mistake(line, key + " is there already, on line " + before.line);
            }
        }
    }

    private void mistake(int line, String what) {
        mistakes.add(file + ":" + line + ": " + what);
    }

    /** A mistake at a key; where the key is not there, in the file. */
    void mistake(String key, String what) {
        mistakes.add(at(key, what));
    }

    /** Something at a key that it can be started with, and that somebody should know. */
    void warning(String key, String what) {
        warnings.add(at(key, what));
    }

    private String at(String key, String what) {
        Value v = values.get(key);
        return file + (v == null ? "" : ":" + v.line) + ": " + key + " " + what;
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    /** The text of a key, or otherwise. */
    String text(String key, String otherwise) {
        known.add(key);
        Value v = values.get(key);
        if (v == null) {
            return otherwise;
        }
        v.read = true;
        if (v.text.isEmpty()) {
            mistake(key, "has no value");
        }
        return v.text;
    }

    /** A whole number within bounds. */
    int number(String key, int otherwise, int least, int most) {
        String text = text(key, null);
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        try {
            int n = Integer.parseInt(text);
            if (n >= least && n <= most) {
                return n;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        mistake(key, "is '" + text + "'; it has to be a number from " + least + " to " + most);
        return otherwise;
    }

    boolean yes(String key) {
        String text = text(key, "false");
        if (!text.equals("true") && !text.equals("false")) {
            mistake(key, "is '" + text + "'; it has to be true or false");
        }
        return text.equals("true");
    }

    /** A file, from the folder of this one; null where the key is not there. */
    Path path(String key) {
        String text = text(key, null);
        return text == null || text.isEmpty() ? null : file.toAbsolutePath().resolveSibling(text);
    }

    /** The first line of a file that holds a secret; null where the key is not there. */
    String secret(String key) {
        Path path = path(key);
        if (path == null) {
            return null;
        }
        try {
            String first = text(path).lines().findFirst().orElse("");
            if (first.isBlank()) {
                mistake(key, "names " + path + ", whose first line is empty");
            }
            return first;
        } catch (IOException e) {
            mistake(key, "names " + path + ": " + unreadable(path, e));
            return null;
        }
    }

    /** What a file holds, for a key that names it; null where the key is not there, or the file is a mistake. */
    <T> T read(String key, Path path, Reading<T> how) {
        try {
            return path == null ? null : how.of(path);
        } catch (IOException e) {
            mistake(key, "names " + e.getMessage());
            return null;
        }
    }

    /** Reads a file; the message of the exception begins with the file's name. */
    interface Reading<T> {
        T of(Path file) throws IOException;
    }

    /** Says what was wrong, if anything was, and gives the warnings; nobody asks for more keys after it. */
    List<String> done() throws Mistakes {
        values.forEach((key, v) -> {
            if (!v.read && !known.contains(key)) {
                mistake(v.line, key + " is unknown" + nearest(key));
            }
        });
        if (!mistakes.isEmpty()) {
            throw new Mistakes(mistakes);
        }
        return warnings;
    }

    private String nearest(String key) {
        String best = null;
        int least = 1 + key.length() / 3;
        for (String k : known) {
            int d = distance(key, k);
            if (d < least) {
                least = d;
                best = k;
            }
        }
        return best == null ? "" : "; did you mean " + best + "?";
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = corner + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                corner = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
