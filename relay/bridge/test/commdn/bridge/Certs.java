package commdn.bridge;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;

/** Certificates for tests, made by the JDK's keytool. */
final class Certs {
    private Certs() {
    }

    /** Writes NAME.crt, a certificate that is its own authority, and NAME.key. It began so many days ago and is valid for so many. */
    static void make(Path folder, String name, String algorithm, int began, int days) throws Exception {
        Path store = folder.resolve(name + ".p12");
        Process p = new ProcessBuilder(System.getProperty("java.home") + "/bin/keytool", "-genkeypair", "-keystore", store.toString(), "-storetype", "PKCS12",
            "-storepass", "secret", "-alias", "x", "-dname", "CN=" + name, "-keyalg", algorithm, "-startdate", (began > 0 ? "-" : "+") + Math.abs(began) + "d",
            "-validity", String.valueOf(days), "-ext", "san=ip:127.0.0.1")
            .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        Check.equal(p.waitFor(), 0, "keytool");
        KeyStore ks = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            ks.load(in, "secret".toCharArray());
        }
        Key key = ks.getKey("x", "secret".toCharArray());
        Certificate cert = ks.getCertificate("x");
        Base64.Encoder e = Base64.getMimeEncoder();
        Files.writeString(folder.resolve(name + ".key"), "-----BEGIN PRIVATE KEY-----\n" + e.encodeToString(key.getEncoded()) + "\n-----END PRIVATE KEY-----\n");
        Files.writeString(folder.resolve(name + ".crt"), "-----BEGIN CERTIFICATE-----\n" + e.encodeToString(cert.getEncoded()) + "\n-----END CERTIFICATE-----\n");
    }
}
