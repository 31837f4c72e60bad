package commdn.bridge;

import java.util.ArrayDeque;

/** Frames that wait to be written to one client: bounded in bytes, never blocking who adds. */
final class OutQueue {
    private static final int OF_EACH = 64; // what a frame takes beside its bytes

    private final int limit;
    private final ArrayDeque<byte[]> frames = new ArrayDeque<>();
    private int bytes;
    private boolean finished; // nothing is added any more
    private boolean closed;   // nothing is taken any more

    OutQueue(int limit) {
        this.limit = limit;
    }

    /** Adds a frame; false says that it has no room. After finish or close it is dropped. */
    synchronized boolean offer(byte[] frame) {
        if (finished || closed) {
            return true;
        }
        if (bytes + frame.length + OF_EACH > limit) {
            return false;
        }
        bytes += frame.length + OF_EACH;
        frames.add(frame);
        notifyAll();
        return true;
    }

    /** Waits for a frame; null says that there is none any more. */
    synchronized byte[] take() throws InterruptedException {
        while (!closed && !finished && frames.isEmpty()) {
            wait();
        }
        byte[] frame = closed ? null : frames.poll();
        if (frame != null) {
            bytes -= frame.length + OF_EACH;
        }
        return frame;
    }

    synchronized boolean isEmpty() {
        return frames.isEmpty();
    }

    /** What is there is still taken. */
    synchronized void finish() {
        finished = true;
        notifyAll();
    }

    synchronized void close() {
        closed = true;
        frames.clear();
        notifyAll();
    }
}
