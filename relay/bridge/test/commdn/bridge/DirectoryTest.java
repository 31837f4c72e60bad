package commdn.bridge;

import commdn.tlink.Id;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The directory of a Configuration Server, from the first to the one after its next change. */
final class DirectoryTest {
    private static final String CONFIG = "directory.listen=127.0.0.1:0\nconfig.host=file\nconfig.port=2020\nconfig.user=reader\n";

    private static Path folder;
    private static Path export;

    public static void main(String[] args) throws Exception {
        folder = Files.createTempDirectory("directory");
        export = folder.resolve("export.json");
        pushed();
        leftOut();
        fullDisk();
        refused();
        dies();
        closesLate();
        downAtStart();
        garbage();
        large();
        tooLarge();
        Check.done(DirectoryTest.class);
    }

    /** What a relay does: says hello, and reads. */
    private static final class Reader implements AutoCloseable {
        final Socket socket;
        final DataInputStream in;
        long sequence;

        Reader(String address) throws IOException {
            socket = Running.connect(address);
            socket.setSoTimeout(30_000);
            in = new DataInputStream(socket.getInputStream());
            socket.getOutputStream().write("commdn-directory 1\n".getBytes(StandardCharsets.US_ASCII));
        }

        /** The next line that is not alive. */
        String line() throws IOException {
            while (true) {
                StringBuilder b = new StringBuilder();
                for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
                    b.append((char) c);
                }
                if (!b.toString().equals("alive")) {
                    return b.toString();
                }
            }
        }

        String directory() throws IOException {
            String line = line();
            Check.that(line.matches("directory \\d+ \\d+"), "'" + line + "' in place of a directory");
            String[] words = line.split(" ");
            byte[] json = new byte[Integer.parseInt(words[1])];
            in.readFully(json);
            sequence = Long.parseLong(words[2]);
            return new String(json, StandardCharsets.UTF_8);
        }

        /** Reads for a while and says whether nothing but alive came. */
        boolean silentFor(int millis) throws IOException {
            socket.setSoTimeout(millis);
            try {
                line();
                return false;
            } catch (java.net.SocketTimeoutException e) {
                socket.setSoTimeout(30_000);
                return true;
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static void write(String json) throws IOException {
        Path next = Files.writeString(folder.resolve("next"), json);
        Files.move(next, export, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Running run(Map<String, String> more, String config) throws IOException {
        Map<String, String> all = new java.util.HashMap<>(more);
        all.put("standin.directory", export.toString());
        return new Running(all, config);
    }

    private static String campaigns(String... names) {
        StringBuilder b = new StringBuilder("{\"CFGTenant\": [{\"DBID\": 1, \"name\": \"Environment\"}], \"CFGApplication\": [{\"DBID\": 201,"
            + " \"name\": \"OCS \\\"\u00e9\\\"\", \"type\": 12, \"state\": 1, \"appServerDBIDs\": {\"CfgConnectionInfo\": {\"appServerDBID\": 101}},"
            + " \"serverInfo\": {\"CfgServer\": {\"backupServerDBID\": 202}}}], \"CFGDN\": [{\"DBID\": 1, \"number\": \"7000\", \"type\": 1}, {\"DBID\": 2,"
            + " \"number\": \"CommDN_1\", \"type\": 23, \"userProperties\": {\"default\": {\"outbound_contact_server\": \"true\", \"pin\": \"4711\"}}, \"switchDBID\": 401}],"
            + " \"CFGSwitch\": {\"DBID\": 401, \"name\": \"Madrid\", \"TServerDBID\": \"99\", \"state\": 1, \"tenantDBID\": 1},"
            + " \"CFGAgentGroup\": {\"DBID\": 501, \"name\": \"Service\"}, \"CFGCampaignGroup\": {\"DBID\": 3, \"campaignDBID\": 1000, \"groupDBID\": 501,"
            + " \"groupType\": 5, \"dialMode\": 1, \"optMethod\": 1, \"optMethodValue\": 80, \"state\": 1, \"serverDBIDs\": {\"DBID\": 201}},"
            + " \"CFGCampaign\": [");
        for (int i = 0; i < names.length; i++) {
            b.append(i == 0 ? "" : ",").append("{\"DBID\": ").append(1000 + i).append(", \"name\": \"").append(names[i]).append("\"}");
        }
        return b.append("]}").toString();
    }

    /** Waits until a file has this, as relays are told before it is written. */
    private static void kept(Path file, String want, String what) throws Exception {
        for (int i = 0; i < 400 && !(Files.exists(file) && Files.readString(file).equals(want)); i++) {
            Thread.sleep(50);
        }
        Check.equal(Files.readString(file), want, what);
    }

    private static void pushed() throws Exception {
        write(campaigns("A"));
        Path file = folder.resolve("kept.json");
        try (Running b = run(Map.of(), CONFIG + "directory.file=" + file + "\n"); Reader r = new Reader(b.directory)) {
            String first = r.directory();
            for (String part : new String[] {"\"formatName\":\"RAW\"", "\"name\":\"Environment\"", "\"name\":\"OCS \\\"\u00e9\\\"\"",
                "{\"appServerDBID\":101}", "\"backupServerDBID\":202", "\"number\":\"CommDN_1\"", "{\"key\":\"outbound_contact_server\",\"value\":\"true\"}",
                "{\"DBID\":1000,\"name\":\"A\"", "\"type\":23,\"switchDBID\":401", "{\"DBID\":401,\"name\":\"Madrid\",\"TServerDBID\":99,\"state\":1}",
                "{\"DBID\":3,\"campaignDBID\":1000,\"groupDBID\":501,\"state\":1,\"serverDBIDs\":{\"DBID\":[201]}}"}) {
                Check.contains(first, part, "the first directory");
            }
            Check.that(!first.contains("7000") && !first.contains("4711"), "more than is needed: " + first);
            kept(file, first, "directory.file");
            b.logged("CFGCampaign=1");

            for (int i = 0; i < 5; i++) { // a burst is one change
                write(campaigns("A", "B" + i));
                Thread.sleep(150);
            }
            String second = r.directory();
            Check.contains(second, "\"name\":\"B4\"", "after a burst");
            Check.equal(r.sequence, 2L, "a burst of changes is pushed once");
            kept(file, second, "directory.file after it");
            try (Reader late = new Reader(b.directory)) {
                Check.equal(late.directory(), second, "for one who comes later");
            }
            write(campaigns("A", "B4") + "  "); // nothing that matters
            Check.that(r.silentFor(1500), "what is not new is pushed");

            Files.delete(export); // Configuration Server dies
            Check.contains(r.line(), "error Configuration Server closed the connection: NoSuchFileException", "its death");
            write(campaigns("A", "C"));
            String line;
            while (true) { // it is tried again, and each failure is told
                line = r.line();
                if (line.startsWith("directory")) {
                    break;
                }
                Check.contains(line, "error Configuration Server file:2020 cannot be read: ProtocolException: Failed to connect", "while it is away");
            }
            b.logged("Configuration Server is lost");
        }
    }

    /** One object that is not whole does not spoil the others. */
    private static void leftOut() throws Exception {
        write("{\"CFGCampaign\": [{\"DBID\": 1}, {\"name\": \"x\"}, {\"DBID\": 3, \"name\": \"good\"}], \"CFGDN\": {\"DBID\": 4, \"type\": 23},"
            + " \"CFGCampaignGroup\": [{\"DBID\": 5, \"campaignDBID\": 3}], \"CFGAgentGroup\": {\"DBID\": 6},"
            + " \"CFGApplication\": [{\"DBID\": 7, \"name\": \"OCS\", \"type\": 12, \"appServerDBIDs\": {\"CfgConnectionInfo\": [{\"appServerDBID\": -1},"
            + " {\"appServerDBID\": 0}, {\"appServerDBID\": 8}]}, \"tenantDBIDs\": {\"DBID\": [-1, 0, 1]}}]}");
        try (Running b = run(Map.of(), CONFIG); Reader r = new Reader(b.directory)) {
            String json = r.directory();
            Check.contains(json, "\"CFGCampaign\":[\n{\"DBID\":3,\"name\":\"good\",\"state\":0}],\"CFGCampaignGroup\":[]", "what is left");
            Check.contains(json, "\"appServerDBIDs\":{\"CfgConnectionInfo\":[\n{\"appServerDBID\":8}]},\"tenantDBIDs\":{\"DBID\":[1]}", "references to nothing");
            for (String what : new String[] {"CFGCampaign 1 without a name", "CFGCampaign without a DBID", "CFGDN 4 without a number",
                "CFGCampaignGroup 5 without a campaign or a group", "CFGAgentGroup 6 without a name"}) {
                b.logged(what);
            }
        }
    }

    /** The file cannot be written: relays get the directory all the same, and the file when there is room again. */
    private static void fullDisk() throws Exception {
        write(campaigns("A"));
        Path file = folder.resolve("full.json");
        Path next = folder.resolve("full.json.new");
        Files.createSymbolicLink(next, Path.of("/dev/full"));
        try (Running b = run(Map.of(), CONFIG + "directory.file=" + file + "\n"); Reader r = new Reader(b.directory)) {
            String json = r.directory();
            b.logged("the directory is pushed, and not kept");
            b.logged("No space left on device");
            b.logged("the directory is kept again");
            kept(file, json, "directory.file");
            Check.that(!Files.exists(next, java.nio.file.LinkOption.NOFOLLOW_LINKS), "half a file is left");
        }
    }

    private static void refused() throws Exception {
        write(campaigns("A"));
        try (Running b = run(Map.of("standin.config.password", "right"), CONFIG); Reader r = new Reader(b.directory)) {
            Check.equal(r.line(), "error Configuration Server file:2020 refuses the login: ConfRegistrationException CFGLoginIncorrect:"
                + " Username or password is incorrect", "wrong password");
            b.logged("CFGLoginIncorrect");
        }
        try (Running b = run(Map.of("standin.config.application", "other"), CONFIG); Reader r = new Reader(b.directory)) {
            Check.contains(r.line(), "CFGAppSecurityViolation: There is no application [default]", "unknown application");
        }
    }

    /** In a connection it subscribes to 8 kinds and then reads 8 kinds: wherever it dies, that is told, and the next connection has all. */
    private static void dies() throws Exception {
        for (int call : new int[] {1, 8, 9, 13, 16}) {
            write(campaigns("A"));
            try (Running b = run(Map.of("standin.config.dies-at", String.valueOf(call)), CONFIG); Reader r = new Reader(b.directory)) {
                Check.contains(r.line(), "error Configuration Server file:2020 cannot be read: IllegalStateException: the channel is not opened", "death at call " + call);
                Check.contains(r.directory(), "\"CFGCampaignGroup\":[\n{\"DBID\":3,", "all of it after a death at call " + call);
                Check.equal(r.sequence, 1L, "half a directory is pushed");
                write(campaigns("A", "B"));
                Check.contains(r.directory(), "\"name\":\"B\"", "a change after a death at call " + call);
            }
        }
        write(campaigns("A")); // dies while it is read again
        try (Running b = run(Map.of("standin.config.dies-at", "20"), CONFIG); Reader r = new Reader(b.directory)) {
            r.directory();
            write(campaigns("A", "B"));
            Check.contains(r.line(), "error Configuration Server file:2020 cannot be read", "death at the second reading");
            Check.contains(r.directory(), "\"name\":\"B\"", "the change that was missed");
        }
    }

    /** The SDK tells of the end of a connection when there is a new one already, which goes on. */
    private static void closesLate() throws Exception {
        write(campaigns("A"));
        try (Running b = run(Map.of("standin.config.dies-at", "9", "standin.habits", "late-close"), CONFIG); Reader r = new Reader(b.directory)) {
            Check.contains(r.line(), "error Configuration Server", "its death");
            r.directory();
            Check.that(r.silentFor(3000), "the new connection is lost, too");
        }
    }

    private static void downAtStart() throws Exception {
        Files.delete(export);
        try (FakeTServer t = new FakeTServer(); Running b = run(Map.of(), CONFIG + Running.tserver(t.port())); Reader r = new Reader(b.directory)) {
            Check.contains(r.line(), "cannot be read: ProtocolException: Failed to connect to file:2020", "down at start");
            try (Relay relay = b.relay()) {
                relay.ready("CommDN_1"); // T-Server does not care
            }
            write(campaigns("A"));
            while (!r.line().startsWith("directory")) {
                // errors until then
            }
        }
    }

    private static void garbage() throws Exception {
        try (Running b = run(Map.of(), CONFIG)) {
            for (String hello : new String[] {"GET / HTTP/1.1\r\n", "commdn-directory 2\n", "x".repeat(200)}) {
                try (Socket s = Running.connect(b.directory)) {
                    s.setSoTimeout(20_000);
                    s.getOutputStream().write(hello.getBytes(StandardCharsets.US_ASCII));
                    int c;
                    try {
                        c = s.getInputStream().read();
                    } catch (java.net.SocketException e) {
                        c = -1; // reset: some of it was not read
                    }
                    Check.equal(c, -1, "after '" + hello.strip() + "'");
                }
            }
            b.logged("in place of 'commdn-directory 1'");
            write(campaigns("A"));
            for (int i = 0; i < 50; i++) { // as many checks of a directory, one after the other: each gives its place back at once
                try (Reader r = new Reader(b.directory)) {
                    while (!r.line().startsWith("directory")) {
                        // errors until Configuration Server is read
                    }
                }
            }
            List<Socket> idle = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                idle.add(Running.connect(b.directory));
            }
            try (Reader r = new Reader(b.directory)) {
                r.directory();
            }
            for (Socket s : idle) {
                s.close();
            }
        }
    }

    private static String many() {
        StringBuilder all = new StringBuilder("{\"CFGCampaign\": [");
        for (int i = 1; i <= 50_000; i++) {
            all.append(i == 1 ? "" : ",").append("{\"DBID\": ").append(i).append(", \"name\": \"Campaign ").append(i).append("\", \"tenantDBID\": 1, \"state\": 1}");
        }
        return all.append("]}").toString();
    }

    private static void large() throws Exception {
        write(many());
        try (Running b = run(Map.of(), CONFIG); Reader r = new Reader(b.directory)) {
            long since = System.nanoTime();
            Check.contains(r.directory(), "\"name\":\"Campaign 50000\"", "50,000 objects");
            System.out.println("   50,000 objects after " + (System.nanoTime() - since) / 1_000_000 + " ms, with the stand-in's reading of them");
        }
    }

    /** More than the heap holds: relays are told, and T-Server's side goes on. */
    private static void tooLarge() throws Exception {
        write(many());
        Map<String, String> file = Map.of("standin.directory", export.toString());
        try (FakeTServer t = new FakeTServer(); Running b = new Running(24, file, CONFIG + Running.tserver(t.port()));
                Relay relay = b.relay(); Reader r = new Reader(b.directory)) {
            Check.contains(r.line(), "is too large for the bridge's heap; give java a larger -Xmx: OutOfMemoryError", "a heap that is too small");
            relay.ready("CommDN_1");
            relay.distribute("CommDN_1", null);
            relay.next(Id.EVENT_ACK);
        }
    }
}
