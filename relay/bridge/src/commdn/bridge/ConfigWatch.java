package commdn.bridge;

import com.genesyslab.platform.applicationblocks.com.ConfigException;
import com.genesyslab.platform.commons.protocol.ProtocolException;
import com.genesyslab.platform.commons.protocol.RegistrationException;
import java.io.IOException;
import java.util.List;

/** Keeps the directory as Configuration Server has it, in a thread of its own. */
final class ConfigWatch implements ConfigReader.Events {
    private static final long COLLECT_MILLIS = 500;   // a change comes as several notifications
    private static final long COLLECT_MOST = 5_000;   // while they do not end
    private static final long[] WAIT_MILLIS = {1_000, 2_000, 5_000, 10_000, 30_000};
    private static final int LOGGED = 20;             // objects that are left out, each time
    private static final long KEEP_AGAIN_MILLIS = 5_000;
    private static final long WAIT_REFUSED = 60_000;  // so that no account is locked for wrong passwords

    private final Config config;
    private final DirectoryFeed feed;
    private final Rotation servers;

    // Guarded by this.
    private long changed;   // how many notifications came
    private String closed;  // why the connection is lost; null while it is there

    private boolean unkept; // directory.file could not be written; of the thread alone

    ConfigWatch(Config config, DirectoryFeed feed) {
        this.config = config;
        this.feed = feed;
        this.servers = new Rotation(config.confserver.count());
    }

    void start() {
        Thread t = new Thread(this::run, "Configuration Server");
        t.setDaemon(true);
        t.start();
    }

    @Override
    public synchronized void changed() {
        changed++;
        notifyAll();
    }

    @Override
    public synchronized void closed(String why) {
        closed = why;
        notifyAll();
    }

    private void run() {
        int failures = 0;
        try {
            while (true) {
                int i = servers.at(0);
                String address = config.confserver.address(i);
                long wait;
                try {
                    failures = serve(i, address) ? 0 : failures;
                    wait = WAIT_MILLIS[0];
                } catch (RegistrationException e) {
                    fail("Configuration Server " + address + " refuses the login", e);
                    wait = WAIT_REFUSED;
                } catch (ProtocolException | ConfigException | IOException | IllegalStateException e) {
                    fail("Configuration Server " + address + " cannot be read", e);
                    wait = WAIT_MILLIS[Math.min(failures++, WAIT_MILLIS.length - 1)];
                } catch (OutOfMemoryError e) {
                    fail("the directory of Configuration Server " + address + " is too large for the bridge's heap; give java a larger -Xmx", e);
                    wait = WAIT_REFUSED;
                } catch (RuntimeException | Error e) {
                    fail("reading Configuration Server " + address + ": the SDK failed", e);
                    wait = WAIT_REFUSED;
                }
                servers.away(i);
                Thread.sleep(wait);
            }
        } catch (InterruptedException e) {
            Log.debug("Configuration Server is not watched any more");
        }
    }

    private void fail(String what, Throwable e) {
        Log.error(what, "err", Errors.text(e));
        feed.error(what + ": " + Errors.text(e));
    }

    /** Reads, and again after each change, until the connection is lost. */
    private boolean serve(int i, String address) throws ProtocolException, ConfigException, IOException, InterruptedException {
        synchronized (this) {
            closed = null;
        }
        ConfigReader reader = new ConfigReader(config, i, this);
        try {
            reader.open();
            Log.info("Configuration Server connected", "server", address);
            servers.serves(i);
            while (true) {
                long seen = seen();
                publish(reader.read(), address);
                String why = awaitChange(seen);
                if (why != null) {
                    Log.error("Configuration Server is lost", "server", address, "err", why);
                    feed.error(why);
                    return true;
                }
            }
        } finally {
            reader.close();
        }
    }

    private void publish(Directory d, String address) {
        List<String> leftOut = d.leftOut();
        leftOut.stream().limit(LOGGED).forEach(what -> Log.warn("left out of the directory", "object", what));
        if (leftOut.size() > LOGGED) {
            Log.warn("left out of the directory", "more", leftOut.size() - LOGGED);
        }
        boolean isNew = feed.publish(d.body(), address);
        Log.info(isNew ? "directory read" : "directory read, nothing new", "server", address, "objects", d.counts());
        if (!feed.isKept()) {
            keep();
        }
    }

    /** Writes directory.file; where it fails, that is told once, and tried again while nothing else is to be done. */
    private void keep() {
        try {
            feed.keep();
            if (unkept) {
                Log.info("the directory is kept again");
            }
            unkept = false;
        } catch (IOException e) {
            if (!unkept) {
                Log.error("the directory is pushed, and not kept", "err", Errors.text(e));
            }
            unkept = true;
        }
    }

    private synchronized long seen() {
        return changed;
    }

    /** Waits for the end of a burst of changes after those that were seen; gives why the connection is lost, or null. */
    private String awaitChange(long seen) throws InterruptedException {
        while (!isChanged(seen, feed.isKept() ? 0 : KEEP_AGAIN_MILLIS)) {
            keep();
        }
        return collect();
    }

    /** Waits for a change after those that were seen, or the end of the connection, so long at most; 0 is for ever. */
    private synchronized boolean isChanged(long seen, long millis) throws InterruptedException {
        long until = System.nanoTime() + millis * 1_000_000;
        while (changed == seen && closed == null) {
            long left = (until - System.nanoTime()) / 1_000_000;
            if (millis > 0 && left <= 0) {
                return false;
            }
            wait(millis == 0 ? 0 : left);
        }
        return true;
    }

    private synchronized String collect() throws InterruptedException {
        long until = System.nanoTime() + COLLECT_MOST * 1_000_000;
        for (long before = -1; closed == null && before != changed && System.nanoTime() < until;) {
            before = changed;
            quiet();
        }
        return closed;
    }

    private void quiet() throws InterruptedException {
        long until = System.nanoTime() + COLLECT_MILLIS * 1_000_000;
        long left = COLLECT_MILLIS;
        long before = changed;
        while (left > 0 && closed == null && before == changed) {
            wait(left);
            left = (until - System.nanoTime()) / 1_000_000;
        }
    }
}
