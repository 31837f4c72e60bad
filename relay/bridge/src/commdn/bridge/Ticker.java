package commdn.bridge;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Asks everything that has time limits, twice a second, whether one has passed. */
final class Ticker {
    /** Something with time limits. */
    interface Timed {
        /** Acts on limits that have passed. now is System.nanoTime; it may not block. */
        void check(long now);
    }

    static final long SECOND = 1_000_000_000L;

    private final Set<Timed> all = ConcurrentHashMap.newKeySet();

    Ticker() {
        Thread t = new Thread(this::run, "ticker");
        t.setDaemon(true);
        t.start();
    }

    void add(Timed t) {
        all.add(t);
    }

    void remove(Timed t) {
        all.remove(t);
    }

    private void run() {
        while (true) {
            try {
                Thread.sleep(500);
            } catch (InterruptedException e) {
                return; // nobody interrupts it but to end it
            }
            long now = System.nanoTime();
            try {
                all.forEach(t -> check(t, now));
            } catch (OutOfMemoryError e) {
                continue; // a large directory takes all of the heap, and is given up soon
            }
        }
    }

    private static void check(Timed t, long now) {
        try {
            t.check(now);
        } catch (RuntimeException e) {
            Log.error("a check of time limits failed", "err", e);
        }
    }
}
