package commdn.bridge;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Requests that T-Server has not answered, by the bridge's own reference id.
 * Bounded in number and bytes: whoever adds waits for room.
 */
final class Pending {
    /** One request of the client. */
    static final class Request {
        final int id;        // of tlink
        final int reference; // the client's own
        final String dn;
        final int bytes;     // how much of it there is
        private long since;

        Request(int id, int reference, String dn, int bytes) {
            this.id = id;
            this.reference = reference;
            this.dn = dn;
            this.bytes = bytes;
        }
    }

    static final int MAX_REQUESTS = 4096;
    static final int MAX_BYTES = 4 << 20;
    static final long FORGET_AFTER = 60 * Ticker.SECOND; // the relay gives up long before
    static final long WAIT_FOR_ROOM = 5 * Ticker.SECOND;

    private final Map<Integer, Request> requests = new LinkedHashMap<>(); // the oldest first
    private int bytes;
    private int last;
    private boolean closed;

    /** Keeps a request and gives its number, 1 or more; 0 says that there was no room in time, or that it is closed. */
    synchronized int add(Request r) throws InterruptedException {
        long until = System.nanoTime() + WAIT_FOR_ROOM;
        while (!closed && (requests.size() >= MAX_REQUESTS || bytes + r.bytes > MAX_BYTES)) {
            long left = until - System.nanoTime();
            if (!forgetOld() && left <= 0) {
                return 0;
            }
            if (left > 0) {
                wait(1 + left / 1_000_000);
            }
        }
        if (closed) {
            return 0;
        }
        do {
            last = last == Integer.MAX_VALUE ? 1 : last + 1;
        } while (requests.containsKey(last));
        r.since = System.nanoTime();
        requests.put(last, r);
        bytes += r.bytes;
        return last;
    }

    /** Takes the request of a number; null where none waits. */
    synchronized Request take(Integer number) {
        Request r = number == null ? null : requests.remove(number);
        if (r != null) {
            bytes -= r.bytes;
            notifyAll();
        }
        return r;
    }

    /** Drops requests that nobody waits for any more; whether there were any. */
    synchronized boolean forgetOld() {
        boolean any = false;
        for (Iterator<Request> all = requests.values().iterator(); all.hasNext();) {
            Request r = all.next();
            if (System.nanoTime() - r.since < FORGET_AFTER) {
                break;
            }
            all.remove();
            bytes -= r.bytes;
            any = true;
        }
        return any;
    }

    synchronized void close() {
        closed = true;
        requests.clear();
        notifyAll();
    }
}
