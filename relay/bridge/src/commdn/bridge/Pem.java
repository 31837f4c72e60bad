package commdn.bridge;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final byte DER = 0x30; // the first byte of a certificate
    private static final Pattern CERTIFICATE = Pattern.compile("-----BEGIN CERTIFICATE-----([^-]*)-----END");

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
                PrivateKey secret = key(f.key);
                List<X509Certificate> chain = certificates(f.cert);
                if (!belong(chain.get(0), secret)) {
                    throw new IOException(f.key + " is not the key of the certificate in " + f.cert);
                }
                mine.setKeyEntry("own", secret, NO_PASSWORD, chain.toArray(new Certificate[0]));
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

    /** All certificates of a file in PEM, which may hold a key and other text as well, or the one of a file in DER. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        byte[] all = bytes(file);
        Matcher blocks = CERTIFICATE.matcher(new String(all, StandardCharsets.ISO_8859_1));
        List<X509Certificate> found = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            while (blocks.find()) {
                byte[] der = Base64.getMimeDecoder().decode(blocks.group(1));
                found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
            }
            if (found.isEmpty() && all.length > 0 && all[0] == DER) {
                found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(all)));
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + " holds a certificate that cannot be read: " + e.getMessage(), e);
        }
        if (found.isEmpty()) {
            throw new IOException(file + " holds no certificate in PEM");
        }
        return found;
    }

    /** Whether a key is that of a certificate. */
    static boolean belong(X509Certificate cert, PrivateKey key) {
        String signing = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "EdDSA";
        byte[] something = "commdn".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature sign = Signature.getInstance(signing);
            sign.initSign(key);
            sign.update(something);
            byte[] signature = sign.sign();
            sign.initVerify(cert.getPublicKey());
            sign.update(something);
            return sign.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // of another algorithm
        }
    }

    private static byte[] bytes(Path file) throws IOException {
        try {
            return java.nio.file.Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IOException(file + ": " + Properties.unreadable(file, e), e);
        }
    }

    static PrivateKey key(Path file) throws IOException {
        String text = new String(bytes(file), StandardCharsets.ISO_8859_1);
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
