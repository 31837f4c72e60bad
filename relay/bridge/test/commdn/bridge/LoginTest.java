package commdn.bridge;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** How the bridge logs in to Configuration Server, and how often after a refusal. */
final class LoginTest {
    private static final String CONFIG = "directory.listen=127.0.0.1:0\nconfig.host=file\nconfig.port=2020\nconfig.user=reader\n";

    private static Path export;

    public static void main(String[] args) throws Exception {
        export = Files.writeString(Files.createTempFile("export", ".json"), "{\"CFGTenant\": {\"DBID\": 1, \"name\": \"Environment\"}}");
        accepted();
        types();
        refusedOnce();
        Files.delete(export);
        Check.done(LoginTest.class);
    }

    private static Running run(Map<String, String> accepted, String more) throws Exception {
        Map<String, String> all = new HashMap<>(accepted);
        all.put("standin.directory", export.toString());
        return new Running(all, CONFIG + more);
    }

    /** Everything that a login is made of is what the configuration says. */
    private static void accepted() throws Exception {
        Path password = Files.writeString(Files.createTempFile("password", ""), "right\n");
        Map<String, String> all = Map.of("standin.config.application", "reader_app", "standin.config.type", "22", "standin.config.user", "reader",
            "standin.config.password", "right");
        try (Running b = run(all, "config.application=reader_app\nconfig.application_type=22\nconfig.password_file=" + password + "\n")) {
            b.logged("directory read");
        }
        Files.delete(password);
    }

    private static void types() throws Exception {
        Map<String, String> other = Map.of("standin.config.type", "22");
        try (Running b = run(other, "")) {
            b.logged("CFGAppSecurityViolation: Application [default] is not of type 19");
        }
        try (Running b = run(other, "config.application_type=23\n")) {
            b.logged("CFGAppSecurityViolation: Application [default] is not of type 23");
        }
    }

    /**
     * A login that is refused is not tried again for a minute, as some sites lock an account after
     * a few: neither at the same server nor at its backup, which has the same accounts.
     */
    private static void refusedOnce() throws Exception {
        Map<String, String> other = Map.of("standin.config.password", "right");
        try (Running b = run(other, "config.backup.host=file\nconfig.backup.port=2021\n")) {
            b.logged("Configuration Server file:2020 refuses the login");
            Thread.sleep(8_000); // longer than two of the waits after other failures
            Check.equal(b.count("refuses the login"), 1, "logins in 8 of the 60 s after a refusal: " + b.log());
        }
    }
}
