package commdn.bridge;

import commdn.tlink.Id;
import commdn.tlink.Message;
import commdn.tlink.Pair;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * Half a million events and as many requests in a heap that would not hold what
 * is left behind of each: 40 bytes, and it would run out. The rates that it
 * prints are indications.
 */
final class SoakTest {
    private static final int EVENTS = 500_000;
    private static final int HEAP = 24; // MB
    private static final int WINDOW = 1000;

    public static void main(String[] args) throws Exception {
        try (FakeTServer t = new FakeTServer(); Running b = new Running(HEAP, Map.of(), Running.tserver(t.port())); Relay r = b.relay()) {
            System.out.println("   listens after " + b.startMillis + " ms");
            r.ready("CommDN_1");
            t.answer = (m, c) -> {
                if (m.id != Id.REQUEST_DISTRIBUTE_USER_EVENT) {
                    return false;
                }
                c.send(new Message(Id.EVENT_ACK, m.reference));
                return true;
            };
            requests(r);
            events(r, t.next());
        }
        Check.done(SoakTest.class);
    }

    private static List<Pair> data() {
        byte[] key = "GSW_PHONE".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        List<Pair> inner = List.of(Pair.bytes(key, Pair.STRING, "5551234567".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        return List.of(Pair.attribute("GSW_CM_MessageType", 32), Pair.list(key, inner), Pair.attribute("GSW_CM_AttrOriginAppID", 101));
    }

    private static void requests(Relay r) throws Exception {
        Semaphore window = new Semaphore(WINDOW);
        OutputStream out = new BufferedOutputStream(r.socket.getOutputStream(), 1 << 14);
        long since = System.nanoTime();
        Thread writer = new Thread(() -> {
            try {
                for (int i = 1; i <= EVENTS; i++) {
                    if (!window.tryAcquire()) {
                        out.flush();
                        window.acquire();
                    }
                    out.write(new Message(Id.REQUEST_DISTRIBUTE_USER_EVENT, i, List.of(Pair.attribute(Id.THIS_DN, "CommDN_1")), data()).frame());
                }
                out.flush();
            } catch (IOException | InterruptedException e) {
                System.err.println(e);
            }
        });
        writer.start();
        for (int i = 1; i <= EVENTS; i++) {
            Check.equal(r.next(Id.EVENT_ACK).reference, i, "reference, in the order of the requests");
            window.release();
        }
        tell("requests", since);
    }

    private static void events(Relay r, FakeTServer.Connection c) throws Exception {
        byte[] frame = new Message(Id.EVENT_USER_EVENT, 0, List.of(Pair.attribute(Id.THIS_DN, "CommDN_1")), data()).frame();
        Semaphore window = new Semaphore(WINDOW);
        long since = System.nanoTime();
        Thread writer = new Thread(() -> {
            try {
                OutputStream out = new BufferedOutputStream(c.socket.getOutputStream(), 1 << 14);
                for (int i = 0; i < EVENTS; i++) {
                    if (!window.tryAcquire()) {
                        out.flush();
                        window.acquire();
                    }
                    out.write(frame);
                }
                out.flush();
            } catch (IOException | InterruptedException e) {
                System.err.println(e);
            }
        });
        writer.start();
        for (int i = 0; i < EVENTS; i++) {
            r.next(Id.EVENT_USER_EVENT);
            window.release();
        }
        tell("events", since);
    }

    private static void tell(String what, long since) {
        double seconds = (System.nanoTime() - since) / 1e9;
        System.out.printf("   %,d %s in %.1f s, %,.0f a second%n", EVENTS, what, seconds, EVENTS / seconds);
    }
}
