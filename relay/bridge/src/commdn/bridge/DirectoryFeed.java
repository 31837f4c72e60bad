package commdn.bridge;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/** The last directory and the last error, for whoever wants them. */
final class DirectoryFeed {
    /** What there is to tell: at most one of each, as only the last counts. */
    static final class News {
        final long sequence;  // of the directory, 0 where there is none yet
        final byte[] json;
        final long errors;    // how many there have been
        final String error;   // null where Configuration Server can be read

        private News(long sequence, byte[] json, long errors, String error) {
            this.sequence = sequence;
            this.json = json;
            this.errors = errors;
            this.error = error;
        }
    }

    private final Path file; // null without
    private int head; // bytes of the JSON before the objects
    private News news = new News(0, null, 0, null);
    private volatile byte[] kept; // what the file has

    DirectoryFeed(Path file) {
        this.file = file;
    }

    /**
     * Takes a directory over; false says that it is the same as before. After an
     * error it counts as new, so that everybody hears that it is over.
     */
    synchronized boolean publish(byte[] body, String host) {
        byte[] json = news.json;
        boolean same = json != null && news.error == null && Arrays.equals(json, head, json.length, body, 0, body.length);
        if (!same) {
            byte[] start = ("{\"__metadata__\":{\"formatName\":\"RAW\",\"date\":\"" + Instant.now().truncatedTo(ChronoUnit.SECONDS)
                + "\",\"host\":" + Json.text(host) + "},").getBytes(StandardCharsets.UTF_8);
            json = Arrays.copyOf(start, start.length + body.length);
            System.arraycopy(body, 0, json, start.length, body.length);
            head = start.length;
        }
        news = new News(same ? news.sequence : news.sequence + 1, json, news.errors, null);
        notifyAll();
        return !same;
    }

    /** Whether the file has the last directory. */
    synchronized boolean isKept() {
        return file == null || kept == news.json;
    }

    /** Writes the last directory into the file; in the one thread that publishes. */
    void keep() throws IOException {
        byte[] json;
        synchronized (this) {
            json = news.json;
        }
        write(json);
        kept = json;
    }

    private void write(byte[] json) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            try (FileChannel out = FileChannel.open(next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                for (ByteBuffer left = ByteBuffer.wrap(json); left.hasRemaining();) {
                    out.write(left);
                }
                out.force(true);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(next); // half of it would only fill the disk
            throw new IOException("directory.file cannot be written: " + e, e);
        }
    }

    /** Tells what Configuration Server has said. */
    synchronized void error(String text) {
        news = new News(news.sequence, news.json, news.errors + 1, Errors.line(text));
        notifyAll();
    }

    /** What is news to somebody who has these, or null once the time is over. */
    synchronized News await(long sequence, long errors, long millis) throws InterruptedException {
        long until = System.nanoTime() + millis * 1_000_000;
        while (news.sequence == sequence && (news.errors == errors || news.error == null)) {
            long left = (until - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return null;
            }
            wait(left);
        }
        return news;
    }
}
