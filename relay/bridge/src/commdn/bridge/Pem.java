package commdn.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates and keys in PEM files, as a context for TLS. */
final class Pem {
    /** Certificate and key are null where there is none; the authority is who signs for the other side. */
    static final class Files {
        final Path cert;
        final Path key;
        final Path authority;

        Files(Path cert, Path key, Path authority) {
            this.cert = cert;
            this.key = key;
            this.authority = authority;
        }
    }

    private static final char[] NO_PASSWORD = {};

    private Pem() {
    }

    static SSLContext context(Files f) throws IOException {
        try {
            KeyStore trusted = empty();
            int n = 0;
            for (Certificate c : certificates(f.authority)) {
                trusted.setCertificateEntry("authority-" + n++, c);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            KeyManager[] own = null;
            if (f.cert != null) {
                KeyStore mine = empty();
                mine.setKeyEntry("own", key(f.key), NO_PASSWORD, certificates(f.cert).toArray(new Certificate[0]));
                KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                keys.init(mine, NO_PASSWORD);
                own = keys.getKeyManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(own, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS with " + f.cert + " and " + f.authority + ": " + e.getMessage(), e);
        }
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file) throws IOException {
        try (InputStream in = java.nio.file.Files.newInputStream(file)) {
            Collection<? extends Certificate> all = CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (all.isEmpty()) {
                throw new IOException(file + " holds no certificate in PEM");
            }
            return all;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " holds no certificates in PEM: " + e.getMessage(), e);
        }
    }

    private static PrivateKey key(Path file) throws IOException {
        String text = java.nio.file.Files.readString(file);
        String begin = "-----BEGIN PRIVATE KEY-----";
        int from = text.indexOf(begin);
        int to = text.indexOf("-----END PRIVATE KEY-----");
        if (from < 0 || to < from) {
            throw new IOException(file + " holds no private key in PKCS#8 without password (BEGIN PRIVATE KEY);"
                + " openssl pkcs8 -topk8 -nocrypt makes one");
        }
        try {
            PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to)));
            for (String algorithm : new String[] {"RSA", "EC", "EdDSA"}) {
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(spec);
                } catch (GeneralSecurityException e) {
                    // of another algorithm
                }
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": the private key is no Base64", e);
        }
        throw new IOException(file + ": the private key is neither RSA nor EC nor one that this Java knows");
    }
}
