package commdn.bridge;

import commdn.tlink.FrameException;
import commdn.tlink.Id;
import commdn.tlink.Message;
import commdn.tlink.Pair;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A relay's connection: a thread that reads requests and hands them to its
 * session with T-Server, and one that writes what is in the queue. Nobody who
 * sends to it ever waits for it.
 */
final class Client implements Ticker.Timed {
    private static final long TO_BEGIN = 30 * Ticker.SECOND; // TLS and the first request
    private static final long OF_FRAME = 10 * Ticker.SECOND; // from its first byte to its last
    private static final long OF_WRITE = 10 * Ticker.SECOND; // until one frame is taken
    private static final long TO_END = 2 * Ticker.SECOND;    // to write what is left

    private final Wire wire;
    private final OutQueue queue;
    private final Session session;
    private final Ticker ticker;
    private final Guests<Client> all;
    private final int most; // that stay
    private final AtomicReference<String> reason = new AtomicReference<>();

    private final long since = System.nanoTime();
    private volatile boolean aborted;
    private volatile boolean begun; // the first whole frame came
    private volatile long frameSince; // 0 between two frames
    private volatile long writeSince; // 0 while nothing is being written
    private volatile long endingSince; // 0 until finish

    Client(Wire wire, Config config, Rotation servers, Ticker ticker, Guests<Client> all) {
        this.wire = wire;
        this.queue = new OutQueue(config.queueBytes);
        this.ticker = ticker;
        this.all = all;
        this.most = config.maxClients;
        this.session = new Session(this, config, servers);
    }

    String name() {
        return wire.name();
    }

    void start() {
        ticker.add(this);
        new Thread(this::read, "tlink " + name()).start();
    }

    /** Queues a message of the bridge's own, which always fits into a frame. */
    void send(Message m) {
        try {
            send(m.frame());
        } catch (FrameException e) {
            abort("message " + m.id + " cannot be sent: " + e.getMessage());
        }
    }

    /** Queues a frame. A client that does not take what is for it loses its connection. */
    void send(byte[] frame) {
        if (!queue.offer(frame)) {
            abort("the relay reads too slowly: its queue (tlink.queue_bytes) is full");
        }
    }

    /** Ends the connection when all that is queued has been written. */
    void finish(String why) {
        if (reason.compareAndSet(null, why)) {
            endingSince = System.nanoTime();
            queue.finish();
        }
    }

    /** Tells the relay why its connection ends, and ends it. */
    void goodbye(String why) {
        send(new Message(Id.EVENT_SERVER_DISCONNECTED, 0, Pair.attribute(Id.ERROR_MESSAGE, Errors.line(why))));
        finish(why);
    }

    /** Ends the connection at once; its own threads do the rest. */
    void abort(String why) {
        reason.compareAndSet(null, why);
        aborted = true;
        queue.close();
        wire.close();
    }

    @Override
    public void check(long now) {
        session.check(now);
        if (!begun && now - since > TO_BEGIN) {
            abort("no request within " + TO_BEGIN / Ticker.SECOND + " s");
        } else if (passed(frameSince, OF_FRAME, now)) {
            abort("the rest of a frame did not come within " + OF_FRAME / Ticker.SECOND + " s");
        } else if (passed(writeSince, OF_WRITE, now)) {
            abort("the relay has read nothing for " + OF_WRITE / Ticker.SECOND + " s");
        } else if (passed(endingSince, TO_END, now)) {
            abort("the end");
        }
    }

    private static boolean passed(long since, long limit, long now) {
        return since != 0 && now - since > limit;
    }

    private void read() {
        try {
            wire.start();
            new Thread(this::write, "tlink writer " + name()).start();
            DataInputStream in = new DataInputStream(new BufferedInputStream(wire.in(), 16_384));
            while (!aborted) {
                Message m = Message.read(in, () -> frameSince = System.nanoTime());
                frameSince = 0;
                if (m == null) {
                    reason.compareAndSet(null, "the relay closed it");
                    break;
                }
                if (!begun && !all.stays(this)) {
                    goodbye("the bridge has " + most + " connections of relays already (tlink.max_clients)");
                }
                begun = true;
                if (reason.get() != null) {
                    continue; // it ends; what was read before is not acted on
                }
                if (m.id == Id.KEEP_ALIVE) {
                    send(new Message(Id.KEEP_ALIVE_ACK, m.reference));
                } else {
                    session.request(m);
                }
            }
        } catch (FrameException e) {
            reason.compareAndSet(null, "wrong frame: " + e.getMessage());
        } catch (IOException e) {
            reason.compareAndSet(null, Errors.text(e));
        } catch (InterruptedException e) {
            reason.compareAndSet(null, "interrupted");
        } catch (RuntimeException | Error e) {
            reason.compareAndSet(null, "fault of the bridge: " + Errors.text(e));
        } finally {
            end();
        }
    }

    private void end() {
        abort("the end");
        ticker.remove(this);
        Log.info("relay disconnected", "peer", name(), "reason", reason.get());
        session.close();
        all.gone(this);
    }

    private void write() {
        try {
            OutputStream out = new BufferedOutputStream(wire.out(), 16_384);
            for (byte[] frame = queue.take(); frame != null; frame = queue.take()) {
                writeSince = System.nanoTime();
                out.write(frame);
                if (queue.isEmpty()) {
                    out.flush();
                }
                writeSince = 0;
            }
            out.flush();
            abort("the end"); // after finish; the reader notices
        } catch (IOException e) {
            abort(Errors.text(e));
        } catch (InterruptedException e) {
            abort("interrupted");
        }
    }
}
