package commdn.bridge;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import commdn.tlink.Id;
import commdn.tlink.Message;
import commdn.tlink.Pair;
import java.util.ArrayList;
import java.util.List;

/**
 * A client's session with T-Server. It checks requests, opens the SDK's
 * connection, and passes on what the client asks; Answers passes back what comes.
 */
final class Session {
    /** Error codes of T-Library that the bridge gives itself. */
    static final int UNKNOWN = 50;
    static final int UNSUPPORTED = 51;
    static final int INTERNAL = 52;
    static final int INVALID = 53;
    static final int OUT_OF_SERVICE = 58;

    private enum State { NEW, OPENING, OPEN, CLOSED }

    private final Client client;
    private final Config config;
    private final Rotation servers;
    private final UserData userData;
    private final Pending pending = new Pending();

    // Changed with the lock of this; read without it in the client's thread.
    private volatile State state = State.NEW;
    private volatile Channel channel;

    private volatile Answers answers;
    private Thread connecting; // null until RequestRegisterClient; guarded by this

    Session(Client client, Config config, Rotation servers) {
        this.client = client;
        this.config = config;
        this.servers = servers;
        this.userData = new UserData(config.tserver.charset);
    }

    /** Acts on one request, in the client's thread; it may wait for room among those under way. */
    void request(Message m) throws InterruptedException {
        if (m.id == Id.REQUEST_REGISTER_CLIENT) {
            registerClient(m);
            return;
        }
        if (m.id != Id.REQUEST_REGISTER_ADDRESS && m.id != Id.REQUEST_UNREGISTER_ADDRESS && m.id != Id.REQUEST_DISTRIBUTE_USER_EVENT) {
            refuse(m, UNSUPPORTED, "the bridge does not know message " + m.id);
            return;
        }
        if (state != State.OPEN) {
            refuse(m, UNSUPPORTED, "RequestRegisterClient has to come first, and its answer has to be awaited");
            return;
        }
        String dn = m.text(Id.THIS_DN);
        if (dn == null || dn.isEmpty()) {
            refuse(m, INVALID, Id.THIS_DN + " is missing");
            return;
        }
        Integer mode = m.has(Id.REGISTER_MODE) ? m.number(Id.REGISTER_MODE) : Integer.valueOf(Id.SHARE);
        if (mode == null || mode != Id.SHARE && mode != Id.MONITOR) {
            refuse(m, INVALID, Id.REGISTER_MODE + " has to be 0 (share) or 2 (monitor)");
            return;
        }
        pass(m, dn, mode);
    }

    private void pass(Message m, String dn, int mode) throws InterruptedException {
        int number = 0;
        try {
            KeyValueCollection data = m.userData == null ? null : userData.toSdk(m.userData);
            number = pending.add(new Pending.Request(m.id, m.reference, dn, m.bytes));
            if (number == 0) {
                client.abort("T-Server is too slow: it leaves too many requests without an answer");
                return;
            }
            switch (m.id) {
                case Id.REQUEST_REGISTER_ADDRESS:
                    channel.register(number, dn, mode);
                    break;
                case Id.REQUEST_UNREGISTER_ADDRESS:
                    channel.unregister(number, dn);
                    break;
                default:
                    channel.distribute(number, dn, data);
            }
        } catch (UserData.Refused e) {
            refuse(m, INVALID, "user data: " + e.getMessage());
        } catch (Channel.Lost e) {
            pending.take(number);
            refuse(m, OUT_OF_SERVICE, e.getMessage());
        }
    }

    private void refuse(Message m, int code, String text) {
        Log.warn("request refused by the bridge", "peer", client.name(), "message", m.id, "code", code, "err", text);
        client.send(error(m.reference, m.text(Id.THIS_DN), code, text));
    }

    /** An EventError. Texts of other programs are cut to what fits. */
    static Message error(int reference, String dn, int code, String text) {
        List<Pair> attributes = new ArrayList<>();
        attributes.add(Pair.attribute(Id.ERROR_CODE, code));
        attributes.add(Pair.attribute(Id.ERROR_MESSAGE, Errors.line(text)));
        if (dn != null && dn.length() <= 255) {
            attributes.add(Pair.attribute(Id.THIS_DN, dn));
        }
        return new Message(Id.EVENT_ERROR, reference, attributes, null);
    }

    private synchronized void registerClient(Message m) {
        if (state != State.NEW) {
            refuse(m, UNSUPPORTED, "RequestRegisterClient has come already");
            return;
        }
        state = State.OPENING;
        String said = m.text(Id.APPLICATION_NAME);
        String name = config.tserver.application != null ? config.tserver.application : said == null ? "" : said;
        // A thread of its own, so that the client's goes on answering KeepAlive.
        connecting = new Thread(() -> connect(m, name), "T-Server for " + client.name());
        connecting.start();
    }

    /**
     * Tries the T-Servers in turn, while the client is there. One that refuses the application is the last, as the other
     * would refuse it too.
     */
    private void connect(Message m, String application) {
        List<String> failures = new ArrayList<>();
        int code = OUT_OF_SERVICE;
        for (int n = 0; n < servers.count() && code == OUT_OF_SERVICE && state == State.OPENING; n++) {
            int i = servers.at(n);
            try {
                if (attempt(m, application, i)) {
                    return;
                }
            } catch (Channel.Refused e) {
                code = UNKNOWN;
                failures.add(e.getMessage());
            } catch (Channel.Lost e) {
                failures.add(e.getMessage());
            } catch (RuntimeException | Error e) {
                code = INTERNAL;
                failures.add("the SDK failed: " + Errors.text(e));
            }
        }
        if (state == State.OPENING) {
            refuse(m, code, String.join("; ", failures));
            client.finish("T-Server cannot be connected");
        }
    }

    /** Opens a channel to server i and takes it into use; true also where the client has gone meanwhile. */
    private boolean attempt(Message m, String application, int i) throws Channel.Lost {
        Answers a = new Answers(client, pending, userData, servers.count() == 1, () -> servers.away(i));
        Channel c = new Channel(config, i, application, a);
        try {
            c.open();
        } catch (Channel.Lost e) {
            c.close();
            throw e;
        }
        synchronized (this) {
            if (state == State.OPENING) {
                servers.serves(i);
                channel = c;
                answers = a;
                state = State.OPEN;
                Log.info("T-Server connected", "peer", client.name(), "tserver", config.tserver.address(i), "application", application);
                client.send(new Message(Id.EVENT_SERVER_CONNECTED, m.reference));
                a.begin(config.linkWaitSeconds);
                return true;
            }
        }
        c.close();
        return true;
    }

    /** Time limits; see Ticker. */
    void check(long now) {
        pending.forgetOld();
        Answers a = answers;
        if (a != null) {
            a.check(now);
        }
    }

    /**
     * Ends the session and its connection to T-Server; not in the SDK's thread. It waits for an open that is under
     * way, which the SDK cannot break off: the client's place among tlink.max_clients bounds those, too.
     */
    void close() {
        Thread opening;
        synchronized (this) {
            state = State.CLOSED;
            opening = connecting;
        }
        pending.close();
        if (opening != null) {
            join(opening);
        }
        if (channel != null) {
            channel.close();
        }
    }

    private static void join(Thread t) {
        try {
            t.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
