package commdn.bridge;

import commdn.tlink.Id;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/** TLS lets those in who have a certificate of the right authority, and nobody else; a Unix socket is this machine's. */
final class SecureTest {
    private static Path folder;

    public static void main(String[] args) throws Exception {
        folder = Files.createTempDirectory("secure");
        for (String name : new String[] {"bridge", "relay", "stranger"}) {
            for (String algorithm : name.equals("bridge") ? new String[] {"EC", "RSA"} : new String[] {"EC"}) {
                Certs.make(folder, algorithm.equals("RSA") ? name + "-rsa" : name, algorithm, 1, 30);
            }
        }
        for (String cert : new String[] {"bridge", "bridge-rsa"}) {
            tls(cert);
        }
        mistakes();
        renewed();
        if (Runtime.version().feature() >= 16) {
            unix();
        } else {
            System.out.println("   Unix sockets need Java 16: not tried");
        }
        Check.done(SecureTest.class);
    }

    private static Path file(String name) {
        return name == null ? null : folder.resolve(name);
    }

    private static String config(String cert) {
        return "tlink.tls.cert=" + file(cert + ".crt") + "\ntlink.tls.key=" + file(cert + ".key") + "\ntlink.tls.client_ca=" + file("relay.crt") + "\n";
    }

    private static void tls(String cert) throws Exception {
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of(), Running.tserver(t.port()).replace("127.0.0.1:0", "0.0.0.0:0") + config(cert))) {
            String port = b.tlink.substring(b.tlink.lastIndexOf(':'));
            Check.equal(b.tlink, "0.0.0.0" + port, "where it listens");
            for (String protocol : new String[] {"TLSv1.3", "TLSv1.2"}) {
                try (Relay r = new Relay(connect(port, "relay", cert, protocol))) {
                    r.ready("CommDN_1");
                }
            }
            for (String who : new String[] {"stranger", null}) {
                try (Relay r = new Relay(connect(port, who, cert, "TLSv1.3"))) {
                    r.registerClient();
                    Check.that(r.next() == null, "who has no certificate that is trusted gets an answer");
                } catch (IOException e) {
                    Check.that(e instanceof SSLException || e instanceof java.net.SocketException, "it threw " + e);
                }
            }
            try (Socket plain = Running.connect("127.0.0.1" + port)) {
                plain.setSoTimeout(20_000);
                plain.getOutputStream().write(new byte[] {0, 0, 0, 9, 0, 0, 0, 0, 1, 0, 2, 0, 0});
                byte[] answer = plain.getInputStream().readNBytes(100);
                Check.that(answer.length == 0 || answer[0] == 21, "it answers without TLS: " + Arrays.toString(answer)); // 21: alert
            }
            List<Socket> idle = new ArrayList<>();
            for (int i = 0; i < 50; i++) { // and never a handshake
                idle.add(Running.connect("127.0.0.1" + port));
            }
            try (Relay r = new Relay(connect(port, "relay", cert, "TLSv1.3"))) {
                r.ready("CommDN_1");
            }
            for (Socket s : idle) {
                s.close();
            }
            Check.that(t.connections.size() == 3, t.connections.size() + " connections to T-Server");
        }
    }

    private static SSLSocket connect(String port, String who, String authority, String protocol) throws IOException {
        SSLContext c = Pem.context(new Pem.Files(file(who == null ? null : who + ".crt"), file(who == null ? null : who + ".key"), file(authority + ".crt")));
        SSLSocket s = (SSLSocket) c.getSocketFactory().createSocket("127.0.0.1", Integer.parseInt(port.substring(1)));
        s.setEnabledProtocols(new String[] {protocol});
        return s;
    }

    /** A renewed certificate counts without a new start; a certificate before its key does not. */
    private static void renewed() throws Exception {
        Certs.make(folder, "first", "EC", 1, 30);
        Certs.make(folder, "second", "EC", 1, 30);
        copy("first");
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of(), Running.tserver(t.port()) + config("current"))) {
            String port = b.tlink.substring(b.tlink.lastIndexOf(':'));
            for (String which : new String[] {"first", "second"}) {
                copy(which);
                try (Relay r = new Relay(connect(port, "relay", which, "TLSv1.3"))) {
                    r.ready("CommDN_1");
                }
            }
            Files.copy(file("first.crt"), file("current.crt"), StandardCopyOption.REPLACE_EXISTING); // and its key comes later
            try (Relay r = new Relay(connect(port, "relay", "second", "TLSv1.3"))) {
                r.ready("CommDN_1");
            }
            b.logged("the old ones stay in use");
        }
    }

    private static void copy(String name) throws IOException {
        for (String end : new String[] {".crt", ".key"}) {
            Files.copy(file(name + end), file("current" + end), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void mistakes() throws Exception {
        Files.writeString(file("pkcs1.key"), "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        Files.writeString(file("noise.key"), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        Files.writeString(file("empty.crt"), "");
        // As some authorities hand them out, and some editors write them.
        Files.writeString(file("both.pem"), "subject=CN = bridge\n" + Files.readString(file("bridge.key")) + Files.readString(file("bridge.crt")));
        Files.writeString(file("windows.crt"), "\ufeff" + Files.readString(file("bridge.crt")).replaceAll("\r?\n", "\r\n"));
        for (String cert : new String[] {"both.pem", "windows.crt"}) {
            Pem.context(new Pem.Files(file(cert), file("bridge.key"), file("relay.crt")));
            Check.equal(Pem.certificates(file(cert)), Pem.certificates(file("bridge.crt")), cert);
        }
        Object[][] cases = {
            {"bridge.crt", "pkcs1.key", "relay.crt", "pkcs1.key holds no private key in PKCS#8 without password"},
            {"bridge.crt", "noise.key", "relay.crt", "noise.key: the private key is neither RSA nor EC"},
            {"empty.crt", "bridge.key", "relay.crt", "empty.crt holds no certificate"},
            {"bridge.crt", "bridge.key", "bridge.key", "bridge.key holds no certificate"},
            {"bridge.crt", "bridge.key", "none.crt", "none.crt: there is no such file"},
            {"bridge.crt", "bridge.key", ".", ": is a folder"},
        };
        for (Object[] c : cases) {
            String text = Check.thrown(IOException.class, () -> Pem.context(new Pem.Files(file((String) c[0]), file((String) c[1]), file((String) c[2]))), (String) c[3]);
            Check.contains(text, (String) c[3], "TLS");
        }
    }

    private static void unix() throws Exception {
        Path path = folder.resolve("tlink.sock");
        try (FakeTServer t = new FakeTServer()) {
            String config = Running.tserver(t.port()).replace("127.0.0.1:0", "unix:" + path);
            for (int i = 0; i < 2; i++) {
                try (Running b = new Running(Map.of(), config)) {
                    Check.equal(b.tlink, "unix:" + path, "where it listens");
                    Check.equal(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)), "rw-rw----", "permissions");
                    exchange(path, t);
                    Check.contains(Check.thrown(IOException.class, () -> Listener.bind(Address.parse("unix:" + path), null), "taken"),
                        "another process listens there", "taken");
                }
                Check.that(!Files.exists(path), "the socket is left behind");
                if (i == 0) { // what a bridge that was killed leaves
                    Listener l = Listener.bind(Address.parse("unix:" + folder.resolve("other.sock")), null);
                    Files.move(folder.resolve("other.sock"), path);
                    l.close();
                    Check.that(Files.exists(path), "there is no socket that nobody listens on");
                }
            }
            Files.writeString(path, "precious");
            Check.contains(Check.thrown(IOException.class, () -> Listener.bind(Address.parse("unix:" + path), null), "a file"), "there is a file", "a file");
            Check.equal(Files.readString(path), "precious", "the file");
        }
    }

    private static void exchange(Path path, FakeTServer t) throws Exception {
        SocketAddress at = (SocketAddress) Class.forName("java.net.UnixDomainSocketAddress").getMethod("of", Path.class).invoke(null, path);
        try (SocketChannel c = (SocketChannel) SocketChannel.class.getMethod("open", ProtocolFamily.class).invoke(null, StandardProtocolFamily.valueOf("UNIX"))) {
            c.connect(at);
            java.io.DataInputStream in = new java.io.DataInputStream(Channels.newInputStream(c));
            write(c, new commdn.tlink.Message(Id.REQUEST_REGISTER_CLIENT, 1).frame());
            Check.equal(commdn.tlink.Message.read(in, () -> { }).id, Id.EVENT_SERVER_CONNECTED, "over a Unix socket");
            Check.equal(commdn.tlink.Message.read(in, () -> { }).id, Id.EVENT_LINK_CONNECTED, "over a Unix socket");
            byte[] keepAlive = new commdn.tlink.Message(Id.KEEP_ALIVE, 7).frame();
            for (int i = 0; i < 1000; i++) {
                write(c, keepAlive);
            }
            for (int i = 0; i < 1000; i++) {
                Check.equal(commdn.tlink.Message.read(in, () -> { }).id, Id.KEEP_ALIVE_ACK, "answer " + i);
            }
        }
    }

    private static void write(SocketChannel c, byte[] b) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(b);
        while (left.hasRemaining()) {
            c.write(left);
        }
    }
}
