package commdn.bridge;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A bridge in a process of its own, with the stand-in. */
final class Running implements AutoCloseable {
    private final Process process;
    private final Path log;
    final long startMillis; // until it listened
    String tlink;
    String directory;

    /** properties are those of the JVM; config is the file's text. */
    Running(Map<String, String> properties, String config) throws IOException {
        this(128, properties, config);
    }

    /** In a heap of so many megabytes. */
    Running(int megabytes, Map<String, String> properties, String config) throws IOException {
        Path folder = Files.createTempDirectory("bridge");
        Path file = Files.writeString(folder.resolve("bridge.properties"), config);
        log = folder.resolve("log");
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx" + megabytes + "m"));
        properties.forEach((k, v) -> command.add("-D" + k + "=" + v));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "commdn.bridge.Main", "--config", file.toString()));
        long since = System.nanoTime();
        process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream()));
        int lines = (config.contains("tlink.listen") ? 1 : 0) + (config.contains("directory.listen") ? 1 : 0);
        for (; lines > 0; lines--) {
            String line = out.readLine();
            Check.that(line != null, "the bridge has ended:\n" + log());
            String[] words = line.split(" ");
            if (words[1].equals("tlink")) {
                tlink = words[2];
            } else {
                directory = words[2];
            }
        }
        startMillis = (System.nanoTime() - since) / 1_000_000;
    }

    /** The lines that a T-Server part needs. */
    static String tserver(int... ports) {
        String config = "tlink.listen=127.0.0.1:0\ntserver.host=127.0.0.1\ntserver.port=" + ports[0] + "\n";
        return ports.length == 1 ? config : config + "tserver.backup.host=127.0.0.1\ntserver.backup.port=" + ports[1] + "\n";
    }

    static Socket connect(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        return new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    }

    Relay relay() throws IOException {
        return new Relay(connect(tlink));
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** Waits for a text in the log. */
    void logged(String text) throws Exception {
        logged(text, 1);
    }

    /** Waits until a text is in the log so many times. */
    void logged(String text, int times) throws Exception {
        for (int i = 0; i < 200; i++) {
            if (count(text) >= times) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("'" + text + "' is in the log " + count(text) + " times, not " + times + ":\n" + log());
    }

    /** How often a text is in the log. */
    int count(String text) throws IOException {
        return log().split(Pattern.quote(text), -1).length - 1;
    }

    boolean lives() {
        return process.isAlive();
    }

    @Override
    public void close() throws IOException {
        Check.that(lives(), "the bridge has ended:\n" + log());
        process.destroy();
        try {
            Check.that(process.waitFor(20, TimeUnit.SECONDS), "the bridge does not end");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Check.that(!log().contains("fault of the bridge"), log());
        File folder = log.toFile().getParentFile();
        for (File f : folder.listFiles()) {
            f.delete();
        }
        folder.delete();
    }
}
