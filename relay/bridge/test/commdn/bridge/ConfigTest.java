package commdn.bridge;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Mistakes in the configuration are told with their line, and all keys are documented. */
final class ConfigTest {
    private static final String GOOD = "tlink.listen=127.0.0.1:0\ntserver.host=a\ntserver.port=3000\n";

    private static Path folder;

    public static void main(String[] args) throws Exception {
        folder = Files.createTempDirectory("config");
        Files.writeString(folder.resolve("secret"), "s3cret\nmore\n");
        Files.writeString(folder.resolve("empty"), "\n");
        for (String name : new String[] {"bridge", "other"}) {
            Certs.make(folder, name, "EC", 1, 100);
        }
        Certs.make(folder, "relays-ca", "EC", 1, 100);
        good();
        files();
        expiry();
        mistake("tlink.lisen=x\n" + GOOD, ":1: tlink.lisen is unknown; did you mean tlink.listen?");
        mistake(GOOD + "nothing.like.it=1\n", ":4: nothing.like.it is unknown\n");
        mistake(GOOD + "# here\ntserver.port=1\n", ":5: tserver.port is there already, on line 3");
        mistake(GOOD + "tserver.charset=none-such\n", ":4: tserver.charset is 'none-such', a charset that this Java does not know");
        mistake(GOOD + "tserver.open_timeout=soon\n", ":4: tserver.open_timeout is 'soon'; it has to be a number from 1 to 600");
        mistake(GOOD + "tserver.addp.trace=all\n", ":4: tserver.addp.trace is 'all'; it has to be one of none, local, remote, both");
        mistake(GOOD + "tserver.password_file=none\n", ":4: tserver.password_file names " + folder.resolve("none") + ": there is no such file");
        mistake(GOOD + "tserver.password_file=empty\n", ":4: tserver.password_file names " + folder.resolve("empty") + ", whose first line is empty");
        mistake(GOOD + "tserver.application=\n", ":4: tserver.application has no value");
        mistake(GOOD + "tserver.backup.host=b\n", ": tserver.backup.port is missing or wrong: where T-Server listens");
        mistake(GOOD + "tserver.tls=true\n", ": tserver.tls.ca is missing");
        mistake(GOOD + "tserver.tls.ca=bridge.crt\n", ": tserver.tls has to be true");
        mistake(GOOD + "tlink.tls.cert=bridge.crt\n", ": tlink.tls.key is missing");
        mistake(GOOD + "directory.file=d.json\n", ": config.host is missing");
        mistake(GOOD + "directory.file=d.json\n", ": config.user is missing");
        mistake(GOOD + "log.level=\\u12\n", ":4: cannot be read");
        mistake("# nothing\n", ": tlink.listen is missing, and so are directory.listen and directory.file");
        for (String open : new String[] {"0.0.0.0:7000", ":7000", "[::]:7000", "192.0.2.1:7000"}) {
            mistake(GOOD.replace("127.0.0.1:0", open), ":1: tlink.listen is " + open + ", which others reach: set tlink.tls.cert");
            mistake(GOOD + "config.host=c\nconfig.port=2020\nconfig.user=u\ndirectory.listen=" + open, "directory.listen is " + open + ", which others reach");
        }
        mistake(GOOD.replace("127.0.0.1:0", "nobody.invalid:7000"), ":1: tlink.listen is nobody.invalid:7000, a name that cannot be resolved");
        for (String bad : new String[] {"7000", "localhost:x", "localhost:70000", "::1:7000", "unix:here"}) {
            mistake(GOOD.replace("127.0.0.1:0", bad), ":1: tlink.listen is '" + bad + "': ");
        }
        String text = Check.thrown(Properties.Mistakes.class, () -> Config.load(folder.resolve("none-such")), "no file");
        Check.contains(text, "there is no such file", "no file");
        documented(Path.of(args[0]));
        Check.done(ConfigTest.class);
    }

    /** Files that are named and cannot be used: said with the line, before anything is started. */
    private static void files() throws Exception {
        Files.createDirectory(folder.resolve("folder"));
        Files.writeString(folder.resolve("blank"), " \t\n");
        Files.writeString(folder.resolve("latin"), "s\u00fc\n", java.nio.charset.StandardCharsets.ISO_8859_1);
        Files.writeString(folder.resolve("windows"), "\ufeffs3cret\r\nmore\r\n");
        Check.equal(load(GOOD + "tserver.password_file=windows\n").tserver.password, "s3cret", "password of an editor of Windows");
        mistake(GOOD + "tserver.password_file=blank\n", ":4: tserver.password_file names " + folder.resolve("blank") + ", whose first line is empty");
        mistake(GOOD + "tserver.password_file=latin\n", ":4: tserver.password_file names " + folder.resolve("latin") + ": is not UTF-8");
        mistake(GOOD + "tserver.password_file=folder\n", ":4: tserver.password_file names " + folder.resolve("folder") + ": is a folder");

        String tls = GOOD + "tlink.tls.cert=bridge.crt\ntlink.tls.key=bridge.key\ntlink.tls.client_ca=other.crt\n";
        Check.equal(load(tls).warnings.size(), 0, "warnings");
        mistake(tls.replace("bridge.crt", "none.crt"), ":4: tlink.tls.cert names " + folder.resolve("none.crt") + ": there is no such file");
        mistake(tls.replace("bridge.key", "folder"), ":5: tlink.tls.key names " + folder.resolve("folder") + ": is a folder");
        mistake(tls.replace("bridge.key", "other.key"), ":5: tlink.tls.key names " + folder.resolve("other.key")
            + ", which is not the key of the certificate in " + folder.resolve("bridge.crt"));
        mistake(tls.replace("other.crt", "secret"), ":6: tlink.tls.client_ca names " + folder.resolve("secret") + " holds no certificate");
        String config = "config.host=c\nconfig.port=2020\nconfig.user=u\n";
        for (String server : new String[] {"tserver", "config"}) {
            mistake(GOOD + server + ".tls=true\n" + server + ".tls.ca=none.crt\n", ":5: " + server + ".tls.ca names " + folder.resolve("none.crt") + ": there is");
        }
        load(GOOD + config + "directory.file=d.json\n");
        mistake(GOOD + config + "directory.file=folder\n", ":7: directory.file names " + folder.resolve("folder") + ": is a folder");
        mistake(GOOD + config + "directory.file=none/d.json\n", ":7: directory.file names " + folder.resolve("none/d.json") + ", in a folder that is not there");
    }

    /** It starts all the same, and says so. */
    private static void expiry() throws Exception {
        Object[][] cases = {{"expired", 20, 10, "expired at 20"}, {"soon", 20, 30, "expires at 20"}, {"later", -10, 20, "is not valid before 20"}};
        for (Object[] c : cases) {
            Certs.make(folder, (String) c[0], "EC", (Integer) c[1], (Integer) c[2]);
            Config got = load(GOOD + "tlink.tls.cert=" + c[0] + ".crt\ntlink.tls.key=" + c[0] + ".key\ntlink.tls.client_ca=" + c[0] + ".crt\n");
            Check.equal(got.warnings.size(), 2, "warnings of " + got.warnings);
            Check.contains(got.warnings.get(0), ":4: tlink.tls.cert names " + folder.resolve(c[0] + ".crt") + ", whose certificate of CN=" + c[0] + " " + c[3], "of its own");
            Check.contains(got.warnings.get(1), ":6: tlink.tls.client_ca names ", "of the authority");
        }
    }

    private static Config load(String text) throws Exception {
        return Config.load(Files.writeString(folder.resolve("bridge.properties"), text));
    }

    private static void mistake(String text, String want) throws Exception {
        String got = Check.thrown(Properties.Mistakes.class, () -> load(text), text) + "\n";
        Check.contains(got, want, text);
        Check.that(!got.contains("s3cret"), "a secret is told: " + got);
    }

    private static void good() throws Exception {
        Config c = load(GOOD + "tserver.password_file = secret\ntserver.backup.host = b\ntserver.backup.port = 3001\n"
            + "tserver.charset = windows-1252\ntlink.queue_bytes = \\\n  300000\n");
        Check.equal(c.tserver.password, "s3cret", "password");
        Check.equal(c.tserver.address(1), "b:3001", "backup");
        Check.equal(c.tserver.charset.name(), "windows-1252", "charset");
        Check.equal(c.queueBytes, 300_000, "value on the next line");
        Check.equal(load("\ufeff# from Windows\r\n" + GOOD.replace("\n", "\r\n")).tserver.address(0), "a:3000", "byte order mark and CRLF");
        Check.equal(load("\ufeff" + GOOD).tserver.address(0), "a:3000", "byte order mark");
        Check.equal(load(GOOD).tserver.charset.name(), "ISO-8859-1", "charset that is not set");
        for (String local : new String[] {"localhost:0", "[::1]:0", "127.0.0.2:0", "unix:/run/x"}) {
            Check.equal(load(GOOD.replace("127.0.0.1:0", local)).tlinkListen.toString(), local, "address");
        }
    }

    /** Each key that the program asks for is a row of the README's, and the other way round. */
    private static void documented(Path here) throws Exception {
        String source = Files.readString(here.resolve("src/commdn/bridge/Config.java"));
        Set<String> keys = new TreeSet<>();
        find(keys, "p\\.(?:text|number|secret|path|yes)\\(\"([a-z_.]+)\"", source);
        find(keys, "(?:address|choice|pem)\\(p, \"([a-z_.]+)\"", source);
        find(keys, "\"(tlink\\.tls\\.[a-z_]+)\"", source);
        Set<String> ofServers = new TreeSet<>();
        find(ofServers, "(?:prefix|which) \\+ \"(\\.[a-z_.]+)\"", source);
        ofServers.remove(".backup");
        for (String prefix : new String[] {"tserver", "config"}) {
            ofServers.forEach(k -> keys.add(prefix + k));
            keys.add(prefix + ".backup.host");
            keys.add(prefix + ".backup.port");
        }
        Set<String> rows = new TreeSet<>();
        find(rows, "(?m)^\\| `([a-z]+\\.[a-z_.]+)` \\|", Files.readString(here.resolve("README.md")));
        rows.removeIf(k -> !k.matches("(tlink|tserver|config|directory|log)\\..*") || k.matches(".*\\.[A-Z].*"));
        Check.equal(rows, keys, "keys in the README");
        Path example = here.resolve("bridge.properties.example");
        String all = Files.readString(example).replaceAll("(?m)^#([a-z]+\\.)", "$1").replaceAll("(?m)^(\\w+)\\.password_file.*", "$1.password_file = secret")
            .replaceAll("(?m)^tlink\\.listen.*", "tlink.listen = 0.0.0.0:0")
            .replaceAll("(?m)^directory\\.file.*", "directory.file = directory.json");
        load(all);
    }

    private static void find(Set<String> to, String regex, String in) {
        Matcher m = Pattern.compile(regex).matcher(in);
        while (m.find()) {
            to.add(m.group(1));
        }
    }
}
