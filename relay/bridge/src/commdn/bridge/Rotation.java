package commdn.bridge;

import java.util.concurrent.atomic.AtomicInteger;

/** Which T-Server of a pair is tried first: the one that served last, until it does not. */
final class Rotation {
    private final int count;
    private final AtomicInteger first = new AtomicInteger();

    Rotation(int count) {
        this.count = count;
    }

    int count() {
        return count;
    }

    /** The index of the server to try as the n-th, from 0. */
    int at(int n) {
        return (first.get() + n) % count;
    }

    /** Server i has been lost, or is the backup now. */
    void away(int i) {
        first.compareAndSet(i, (i + 1) % count);
    }

    /** Server i can be reached. */
    void serves(int i) {
        first.set(i);
    }
}
