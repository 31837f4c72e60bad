package commdn.bridge;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Pushes the directory to relays. README.md describes what goes over the connection. */
final class DirectoryServer implements Closeable {
    private static final String HELLO = "commdn-directory 1";
    private static final long ALIVE_MILLIS = 10_000;
    private static final int MAX_CLIENTS = 16;
    private static final int PIECE = 1 << 16;
    private static final long OF_PIECE = 10 * Ticker.SECOND; // until a piece is taken, and for the hello

    private final Listener listener;
    private final DirectoryFeed feed;
    private final Ticker ticker;
    private final Guests<Reader> readers = new Guests<>(MAX_CLIENTS, r -> r.wire.close());

    DirectoryServer(Listener listener, DirectoryFeed feed, Ticker ticker) {
        this.listener = listener;
        this.feed = feed;
        this.ticker = ticker;
    }

    void start() {
        listener.start("directory listener", wire -> {
            Reader r = new Reader(wire);
            readers.came(r);
            ticker.add(r);
            new Thread(r::run, "directory " + wire.name()).start();
        });
    }

    @Override
    public void close() throws IOException {
        listener.close();
        readers.all().forEach(r -> r.wire.close());
    }

    /** A relay that reads the directory. */
    private final class Reader implements Ticker.Timed {
        final Wire wire;
        private volatile long since = System.nanoTime(); // of what is under way; 0 is nothing

        Reader(Wire wire) {
            this.wire = wire;
        }

        @Override
        public void check(long now) {
            if (since != 0 && now - since > OF_PIECE) {
                wire.close();
            }
        }

        void run() {
            String reason = "the bridge stops";
            try {
                wire.start();
                String hello = line(wire.in());
                if (!hello.equals(HELLO)) {
                    throw new IOException("it says '" + Errors.line(hello) + "' in place of '" + HELLO + "'");
                }
                if (!readers.stays(this)) {
                    throw new IOException("too many connections for the directory: at most " + MAX_CLIENTS);
                }
                Log.info("relay reads the directory", "peer", wire.name());
                new Thread(this::watch, "end of directory " + wire.name()).start();
                tell(wire.out());
            } catch (IOException | OutOfMemoryError e) {
                reason = Errors.text(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                wire.close();
                ticker.remove(this);
                readers.gone(this);
                Log.info("relay reads the directory no more", "peer", wire.name(), "reason", reason);
            }
        }

        /** Frees the place as soon as the relay has gone; the next line to it might be 10 s away. */
        private void watch() {
            try {
                byte[] nothing = new byte[64];
                while (wire.in().read(nothing) >= 0) {
                    // a relay has nothing more to say
                }
            } catch (IOException | OutOfMemoryError e) {
                Log.debug("the end of a connection for the directory", "peer", wire.name(), "err", Errors.text(e));
            }
            wire.close();
            readers.gone(this);
        }

        private void tell(OutputStream out) throws IOException, InterruptedException {
            long sequence = 0;
            long errors = 0;
            since = 0;
            while (true) {
                DirectoryFeed.News news = feed.await(sequence, errors, ALIVE_MILLIS);
                if (news == null) {
                    write(out, "alive\n".getBytes(StandardCharsets.UTF_8));
                    continue;
                }
                if (news.sequence != sequence) {
                    write(out, ("directory " + news.json.length + " " + news.sequence + "\n").getBytes(StandardCharsets.UTF_8));
                    write(out, news.json);
                }
                if (news.error != null && news.errors != errors) {
                    write(out, ("error " + news.error + "\n").getBytes(StandardCharsets.UTF_8));
                }
                sequence = news.sequence;
                errors = news.errors;
            }
        }

        private void write(OutputStream out, byte[] b) throws IOException {
            for (int at = 0; at < b.length; at += PIECE) {
                since = System.nanoTime();
                out.write(b, at, Math.min(PIECE, b.length - at));
            }
            out.flush();
            since = 0;
        }

        private String line(InputStream in) throws IOException {
            ByteArrayOutputStream b = new ByteArrayOutputStream();
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0 || b.size() > 100) {
                    throw new IOException("it says no line");
                }
                b.write(c);
            }
            return b.toString(StandardCharsets.UTF_8);
        }
    }
}
