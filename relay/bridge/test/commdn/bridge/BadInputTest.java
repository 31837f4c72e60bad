package commdn.bridge;

import commdn.tlink.Id;
import commdn.tlink.Message;
import commdn.tlink.Pair;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What goes wrong is a clear line each, harms nobody else, and the bridge lives. */
final class BadInputTest {
    public static void main(String[] args) throws Exception {
        withoutSdk(Path.of(args[1], "bridge.jar"));
        warned();
        brokenSdk();
        refused();
        unreachable();
        silent();
        wrongFrames();
        slowRelay();
        slowTServer();
        Check.done(BadInputTest.class);
    }

    /** The class path lacks the SDK: said at the start and by --check, and not later by an exception in some thread. */
    private static void withoutSdk(Path jar) throws Exception {
        Path config = Files.writeString(Files.createTempFile("bridge", ".properties"), Running.tserver(1));
        for (List<String> more : List.of(List.of("--check"), List.<String>of())) {
            List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-cp", jar.toString(), "commdn.bridge.Main",
                "--config", config.toString()));
            command.addAll(more);
            Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
            Check.that(p.waitFor(60, TimeUnit.SECONDS), "without the SDK it starts all the same");
            String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Check.equal(p.exitValue(), 2, "exit code without the SDK: " + said);
            Check.contains(said, "the jar voiceprotocol of the Platform SDK cannot be used", "without the SDK");
            Check.contains(said, "java -cp 'bridge.jar:LIB/*'", "what to do");
            Check.equal(said.lines().count(), 1L, "lines of " + said);
        }
        Files.delete(config);
    }

    /** A certificate that has expired: --check says so, and that it can be started. */
    private static void warned() throws Exception {
        Path folder = Files.createTempDirectory("warned");
        Certs.make(folder, "old", "EC", 20, 10);
        Path config = Files.writeString(folder.resolve("bridge.properties"), Running.tserver(1)
            + "tlink.tls.cert=old.crt\ntlink.tls.key=old.key\ntlink.tls.client_ca=old.crt\n");
        Process p = new ProcessBuilder(System.getProperty("java.home") + "/bin/java", "-cp", System.getProperty("java.class.path"), "commdn.bridge.Main",
            "--config", config.toString(), "--check").redirectErrorStream(true).start();
        String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Check.equal(p.waitFor(), 0, "exit code with a certificate that has expired: " + said);
        Check.contains(said, "warning: " + config + ":4: tlink.tls.cert names ", "a certificate that has expired");
    }

    /** A jar that other jars of the SDK need is missing: it shows when a connection is opened. */
    private static void brokenSdk() throws Exception {
        String directory = "directory.listen=127.0.0.1:0\nconfig.host=file\nconfig.port=1\nconfig.user=reader\n";
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of("standin.habits", "broken-jar"), Running.tserver(t.port()) + directory);
                Relay r = b.relay()) {
            Check.contains(r.refused(r.registerClient(), 52), "the SDK failed: NoClassDefFoundError: io/netty/channel/Channel", "a jar too few");
            r.ended("after it");
            b.logged("reading Configuration Server file:1: the SDK failed");
        }
    }

    private static void refused() throws Exception {
        Path password = Files.writeString(Files.createTempFile("password", ""), "wrong\n");
        try (FakeTServer t = new FakeTServer(); FakeTServer backup = new FakeTServer(); Running b = new Running(Map.of("standin.tserver.password", "right"),
                Running.tserver(t.port(), backup.port()) + "tserver.password_file=" + password + "\n"); Relay r = b.relay()) {
            String text = r.refused(r.registerClient(), 50);
            Check.contains(text, "T-Server 127.0.0.1:" + t.port() + " refuses the application: RegistrationException: Registration failed: client authentication failed",
                "wrong password");
            r.ended("after a refusal");
            b.logged("client authentication failed");
            Check.that(!b.log().contains("wrong"), "the password is in the log: " + b.log());
            Check.that(backup.connections.isEmpty(), "the backup was tried with a wrong password, too");
        }
        Files.delete(password);
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of("standin.tserver.application", "known"), Running.tserver(t.port()))) {
            try (Relay r = b.relay()) {
                Check.contains(r.refused(r.registerClient(), 50), "no license for application commdn", "licence");
            }
            try (Relay r = b.relay()) { // the bridge serves others all the same
                r.send(Id.REQUEST_REGISTER_CLIENT, null, Pair.attribute(Id.APPLICATION_NAME, "known"));
                r.next(Id.EVENT_SERVER_CONNECTED);
            }
        }
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of(), Running.tserver(t.port())); Relay r = b.relay()) {
            t.answer = (m, c) -> {
                c.send(new Message(Id.EVENT_ERROR, m.reference, Pair.attribute(Id.ERROR_CODE, 40), Pair.attribute(Id.ERROR_MESSAGE, "No more licenses")));
                return true;
            };
            Check.contains(r.refused(r.registerClient(), 50), "Registration failed: 40 No more licenses", "T-Server's own code");
        }
    }

    private static void unreachable() throws Exception {
        int nobody;
        try (ServerSocket s = new ServerSocket(0)) {
            nobody = s.getLocalPort();
        }
        try (Running b = new Running(Map.of(), Running.tserver(nobody)); Relay r = b.relay()) {
            String text = r.refused(r.registerClient(), 58);
            Check.contains(text, "T-Server 127.0.0.1:" + nobody + " cannot be connected: ProtocolException: Failed to connect", "nobody listens");
            Check.contains(text, "Connection refused", "the cause");
            r.ended("after a refusal");
        }
    }

    /** It accepts and says nothing; the relay's KeepAlive is answered meanwhile. */
    private static void silent() throws Exception {
        String config = "tserver.open_timeout=1\ntserver.addp.local=1\n";
        try (ServerSocket mute = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Running b = new Running(Map.of(), Running.tserver(mute.getLocalPort()) + config); Relay r = b.relay()) {
            int register = r.registerClient();
            r.send(Id.KEEP_ALIVE, null);
            r.next(Id.KEEP_ALIVE_ACK);
            Check.contains(r.refused(register, 58), "no answer within 1000 ms", "silence");
        }
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of(), Running.tserver(t.port()) + config); Relay r = b.relay()) {
            r.ready("CommDN_1");
            t.answer = (m, c) -> true;
            Check.contains(r.next(Id.EVENT_SERVER_DISCONNECTED).text(Id.ERROR_MESSAGE), "ADDP", "silence later");
            r.ended("after it");
        }
    }

    private static void wrongFrames() throws Exception {
        int[][] wrong = {{0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 9, 0x5f, 0, 0, 0, 0, 0, 2, 0, 1}, {'G', 'E', 'T', ' '}};
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of(), Running.tserver(t.port())); Relay other = b.relay()) {
            other.ready("CommDN_1");
            t.next();
            for (int[] frame : wrong) {
                try (Relay r = b.relay()) {
                    for (int x : frame) {
                        r.socket.getOutputStream().write(x);
                    }
                    r.ended("a wrong frame of the relay");
                }
                try (Relay r = b.relay()) {
                    r.ready("CommDN_1");
                    t.next().bytes(frame);
                    Check.contains(r.next(Id.EVENT_SERVER_DISCONNECTED).text(Id.ERROR_MESSAGE), "Message cannot be parsed", "a wrong frame of T-Server");
                    r.ended("after it");
                }
            }
            try (Relay r = b.relay()) {
                r.ready("CommDN_1");
                FakeTServer.Connection c = t.next();
                c.bytes(0, 0, 0, 9, 0x5f);
                c.socket.close();
                Check.contains(r.next(Id.EVENT_SERVER_DISCONNECTED).text(Id.ERROR_MESSAGE), "in the middle of a frame", "half a frame of T-Server");
            }
            try (Socket s = Running.connect(b.tlink)) { // half a frame, and then nothing
                s.setSoTimeout(20_000);
                s.getOutputStream().write(new byte[] {0, 0});
                Check.equal(s.getInputStream().read(), -1, "half a frame of the relay");
            }
            b.logged("the rest of a frame did not come within 10 s");
            b.logged("wrong frame: frame of 4294967295 bytes");
            other.distribute("CommDN_1", null);
            other.next(Id.EVENT_ACK);
        }
    }

    /** The one that does not read is dropped; the other one gets everything. */
    private static void slowRelay() throws Exception {
        List<Pair> data = List.of(Pair.bytes(new byte[] {'k'}, Pair.BINARY, new byte[60_000]));
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of(), Running.tserver(t.port()) + "tlink.queue_bytes=1000000\n");
                Relay slow = b.relay(); Relay good = b.relay()) {
            slow.ready("CommDN_1");
            FakeTServer.Connection ofSlow = t.next();
            good.ready("CommDN_1");
            FakeTServer.Connection ofGood = t.next();
            for (int i = 0; i < 400; i++) {
                try {
                    ofSlow.event("CommDN_1", data);
                } catch (java.io.IOException e) {
                    break; // its connection to T-Server is gone as well
                }
                ofGood.event("CommDN_1", data);
                good.next(Id.EVENT_USER_EVENT);
            }
            b.logged("the relay reads too slowly: its queue (tlink.queue_bytes) is full");
        }
    }

    /** It takes requests and answers none: the relay is stopped, then dropped. */
    private static void slowTServer() throws Exception {
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of(), Running.tserver(t.port())); Relay r = b.relay()) {
            r.ready("CommDN_1");
            t.answer = (m, c) -> true;
            List<Pair> data = List.of(Pair.bytes(new byte[] {'k'}, Pair.BINARY, new byte[1000]));
            try {
                for (int i = 0; i < 20_000; i++) {
                    r.distribute("CommDN_1", data);
                }
            } catch (java.io.IOException e) {
                // dropped while it sent
            }
            b.logged("T-Server is too slow: it leaves too many requests without an answer");
            try (Relay again = b.relay()) {
                t.answer = (m, c) -> false;
                again.ready("CommDN_1");
            }
        }
    }
}
