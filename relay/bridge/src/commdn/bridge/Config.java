package commdn.bridge;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;

/** What the configuration file says. README.md has every key. */
final class Config {
    /** Seconds. A server that is frozen is lost after twice as long: before a relay's answer_timeout of 10 s. */
    private static final int ADDP = 4;
    private static final int RENEW_DAYS = 14; // before a certificate expires

    /** A Genesys server and its backup, and how they are reached. */
    static final class Server {
        String what; // for logs
        final List<String> hosts = new ArrayList<>();
        final List<Integer> ports = new ArrayList<>();
        int addpLocal;  // seconds; both 0 without ADDP
        int addpRemote;
        String addpTrace;
        boolean tls;
        Pem.Files pem; // with tls
        Charset charset; // null is what the SDK makes of it
        String application; // null is what the relay says
        String password;

        int count() {
            return hosts.size();
        }

        String address(int i) {
            return hosts.get(i) + ":" + ports.get(i);
        }
    }

    final Address tlinkListen; // null without
    final Pem.Files listenPem; // null without TLS
    final int maxClients;
    final int queueBytes;

    final Server tserver; // null without tlinkListen
    final int openSeconds;
    final int linkWaitSeconds;

    final Address directoryListen; // null without
    final Path directoryFile; // null without
    final Server confserver; // null without both
    final int applicationType;
    final String user;
    final String userPassword;
    final int readSeconds;

    final Log.Level logLevel;
    List<String> warnings; // what it can be started with all the same

    private Config(Properties p) {
        tlinkListen = address(p, "tlink.listen");
        directoryListen = address(p, "directory.listen");
        directoryFile = p.path("directory.file");
        if (directoryFile != null && Files.isDirectory(directoryFile)) {
            p.mistake("directory.file", "names " + directoryFile + ": is a folder");
        } else if (directoryFile != null && !Files.isWritable(directoryFile.toAbsolutePath().getParent())) {
            p.mistake("directory.file", "names " + directoryFile + ", in a folder that is not there or may not be written");
        }
        listenPem = pem(p, "tlink.tls.cert", "tlink.tls.key", "tlink.tls.client_ca");
        for (Address a : new Address[] {tlinkListen, directoryListen}) {
            String key = a == tlinkListen ? "tlink.listen" : "directory.listen";
            if (a != null && !a.isKnown()) {
                p.mistake(key, "is " + a + ", a name that cannot be resolved");
            } else if (a != null && !a.isLocal() && listenPem == null) {
                p.mistake(key, "is " + a + ", which others reach: set tlink.tls.cert,"
                    + " tlink.tls.key and tlink.tls.client_ca, or listen on a loopback address or unix:/path");
            }
        }
        maxClients = p.number("tlink.max_clients", 16, 1, 1000);
        queueBytes = p.number("tlink.queue_bytes", 4 << 20, 200_000, 1 << 30);

        if (tlinkListen == null && directoryListen == null && directoryFile == null) {
            p.mistake("tlink.listen", "is missing, and so are directory.listen and directory.file: there is nothing to do");
        }
        tserver = server(p, "tserver", "T-Server", tlinkListen != null, StandardCharsets.ISO_8859_1);
        tserver.application = p.text("tserver.application", null);
        tserver.password = p.secret("tserver.password_file");
        openSeconds = p.number("tserver.open_timeout", 4, 1, 600);
        linkWaitSeconds = p.number("tserver.link_wait", 3, 0, 600);

        boolean directory = directoryListen != null || directoryFile != null;
        confserver = server(p, "config", "Configuration Server", directory, null);
        confserver.application = p.text("config.application", "default");
        applicationType = p.number("config.application_type", 19, 0, 10_000);
        user = p.text("config.user", null);
        userPassword = p.secret("config.password_file");
        if (directory && user == null) {
            p.mistake("config.user", "is missing: the name of the account that reads the Configuration Database");
        }
        readSeconds = p.number("config.read_timeout", 120, 1, 3600);

        logLevel = choice(p, "log.level", Log.Level.class, Log.Level.INFO);
    }

    static Config load(Path file) throws Properties.Mistakes {
        Properties p = new Properties(file);
        Config c = new Config(p);
        c.warnings = p.done();
        return c;
    }

    private static Server server(Properties p, String prefix, String what, boolean needed, Charset charset) {
        Server s = new Server();
        s.what = what;
        for (String which : new String[] {prefix, prefix + ".backup"}) {
            String host = p.text(which + ".host", null);
            int port = p.number(which + ".port", 0, 1, 65_535);
            if (host != null && port != 0) {
                s.hosts.add(host);
                s.ports.add(port);
            } else if (host != null || p.has(which + ".port") || needed && which.equals(prefix)) {
                p.mistake(which + (host == null ? ".host" : ".port"), "is missing or wrong: where " + what + " listens");
            }
        }
        s.addpLocal = p.number(prefix + ".addp.local", ADDP, 0, 3600);
        s.addpRemote = p.number(prefix + ".addp.remote", ADDP, 0, 3600);
        s.addpTrace = choice(p, prefix + ".addp.trace", Trace.class, Trace.NONE).name();
        s.tls = p.yes(prefix + ".tls");
        s.pem = pem(p, prefix + ".tls.cert", prefix + ".tls.key", prefix + ".tls.ca");
        if (s.pem != null && !s.tls) {
            p.mistake(prefix + ".tls", "has to be true for the files of " + prefix + ".tls.ca, cert and key to be used");
        } else if (s.tls && s.pem == null) {
            p.mistake(prefix + ".tls.ca", "is missing: the certificates of who has signed that of " + what);
        }
        s.charset = charset(p, prefix + ".charset", charset);
        return s;
    }

    private enum Trace { NONE, LOCAL, REMOTE, BOTH }

    private static <E extends Enum<E>> E choice(Properties p, String key, Class<E> of, E otherwise) {
        String text = p.text(key, otherwise.name().toLowerCase(Locale.ROOT));
        StringBuilder all = new StringBuilder();
        for (E e : of.getEnumConstants()) {
            String name = e.name().toLowerCase(Locale.ROOT);
            if (name.equals(text)) {
                return e;
            }
            all.append(all.length() == 0 ? "" : ", ").append(name);
        }
        p.mistake(key, "is '" + text + "'; it has to be one of " + all);
        return otherwise;
    }

    private static Address address(Properties p, String key) {
        String text = p.text(key, null);
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            return Address.parse(text);
        } catch (IllegalArgumentException e) {
            p.mistake(key, "is '" + text + "': " + e.getMessage());
            return null;
        }
    }

    /** The files of TLS: all three towards clients; towards a server the authority alone will do. */
    private static Pem.Files pem(Properties p, String cert, String key, String authority) {
        boolean server = authority.endsWith("client_ca");
        Path c = p.path(cert);
        Path k = p.path(key);
        Path a = p.path(authority);
        if (c == null && k == null && a == null) {
            return null;
        }
        if ((c == null) != (k == null)) {
            p.mistake(c == null ? cert : key, "is missing; a certificate and its key go together");
        } else if (server && c == null) {
            p.mistake(cert, "is missing");
        }
        if (a == null) {
            p.mistake(authority, "is missing" + (server ? ": who signs the certificates of the relays" : ""));
        }
        List<X509Certificate> own = p.read(cert, c, Pem::certificates);
        PrivateKey secret = p.read(key, k, Pem::key);
        if (own != null && secret != null && !Pem.belong(own.get(0), secret)) {
            p.mistake(key, "names " + k + ", which is not the key of the certificate in " + c);
        }
        expiry(p, cert, c, own);
        expiry(p, authority, a, p.read(authority, a, Pem::certificates));
        return new Pem.Files(c, k, a);
    }

    /** Warns of certificates that nobody accepts, or soon will not. */
    private static void expiry(Properties p, String key, Path file, List<X509Certificate> all) {
        Date now = new Date();
        for (X509Certificate c : all == null ? List.<X509Certificate>of() : all) {
            String which = "names " + file + ", whose certificate of " + c.getSubjectX500Principal();
            if (c.getNotAfter().before(now)) {
                p.warning(key, which + " expired at " + c.getNotAfter().toInstant() + ": renew it now");
            } else if (c.getNotAfter().toInstant().isBefore(now.toInstant().plus(RENEW_DAYS, ChronoUnit.DAYS))) {
                p.warning(key, which + " expires at " + c.getNotAfter().toInstant() + ": renew it");
            } else if (c.getNotBefore().after(now)) {
                p.warning(key, which + " is not valid before " + c.getNotBefore().toInstant() + ": look at the clock of this machine");
            }
        }
    }

    private static Charset charset(Properties p, String key, Charset otherwise) {
        String name = p.text(key, null);
        if (name == null || name.isEmpty()) {
            return otherwise;
        }
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            p.mistake(key, "is '" + name + "', a charset that this Java does not know");
            return otherwise;
        }
    }
}
