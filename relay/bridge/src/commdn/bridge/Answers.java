package commdn.bridge;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import commdn.tlink.FrameException;
import commdn.tlink.Id;
import commdn.tlink.Message;
import commdn.tlink.Pair;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Passes on to the client what T-Server says, in the SDK's thread. What comes
 * before the client knows that it is connected waits for begin.
 */
final class Answers implements Channel.Events {
    private static final int MAX_EARLY = 1000;

    private final Client client;
    private final Pending pending;
    private final UserData userData;
    private final boolean alone; // there is no other T-Server
    private final Runnable away; // this T-Server does not serve any more
    private final AtomicBoolean isAway = new AtomicBoolean();

    // Guarded by this.
    private final Set<String> registered = new LinkedHashSet<>();
    private List<Runnable> early = new ArrayList<>(); // null once begun
    private long linkBy;       // when to say that the link is up if T-Server says nothing of it; 0 is never
    private long droppedSince; // when a dropped event was last told
    private int dropped;       // since then

    Answers(Client client, Pending pending, UserData userData, boolean alone, Runnable away) {
        this.client = client;
        this.pending = pending;
        this.userData = userData;
        this.alone = alone;
        this.away = away;
    }

    /** The client has been told EventServerConnected. */
    synchronized void begin(int linkWaitSeconds) {
        if (linkWaitSeconds > 0) {
            linkBy = later(linkWaitSeconds);
        }
        List<Runnable> waiting = early;
        early = null;
        waiting.forEach(Runnable::run);
    }

    private static long later(int seconds) {
        long at = System.nanoTime() + seconds * Ticker.SECOND;
        return at == 0 ? 1 : at;
    }

    private synchronized void now(Runnable r) {
        if (early == null) {
            r.run();
        } else if (early.size() < MAX_EARLY) {
            early.add(r);
        } else {
            client.abort("T-Server sends before it has been registered with");
        }
    }

    /**
     * Says EventLinkConnected where T-Server has said nothing of its link: an SDK
     * may take that event for its own when it opens the connection. A link that
     * is not up then shows in the answer to the registration.
     */
    synchronized void check(long now) {
        if (linkBy != 0 && now - linkBy > 0) {
            linkBy = 0;
            Log.info("T-Server says nothing about its link; the relay may register", "peer", client.name());
            client.send(new Message(Id.EVENT_LINK_CONNECTED, 0));
        }
    }

    @Override
    public void acknowledged(Integer reference) {
        now(() -> {
            Pending.Request r = pending.take(reference);
            if (r == null) {
                unexpected("EventACK", reference);
                return;
            }
            client.send(new Message(Id.EVENT_ACK, r.reference, Pair.attribute(Id.THIS_DN, r.dn)));
        });
    }

    @Override
    public void refused(Integer reference, String dn, Integer code, String text) {
        now(() -> {
            Pending.Request r = pending.take(reference);
            String why = text == null || text.isEmpty() ? "T-Server gives no text" : text;
            String on = dn != null ? dn : r == null ? null : r.dn;
            Log.warn("T-Server refuses", "peer", client.name(), "request", r == null ? "none" : r.id, "dn", on, "code", code, "err", why);
            if (r != null && r.id == Id.REQUEST_REGISTER_ADDRESS) {
                away(); // it may be the backup, and say so in this way alone
            }
            // With 0 it answers nothing, and is told all the same.
            client.send(Session.error(r == null ? 0 : r.reference, on, code == null ? Session.UNKNOWN : code,
                code == null ? why + " (without a code)" : why));
        });
    }

    @Override
    public void registered(Integer reference, String dn) {
        now(() -> {
            Pending.Request r = pending.take(reference);
            if (r == null || r.id != Id.REQUEST_REGISTER_ADDRESS) {
                unexpected("EventRegistered", reference);
                return;
            }
            registered.add(r.dn);
            Log.info("DN registered", "peer", client.name(), "dn", r.dn);
            client.send(new Message(Id.EVENT_REGISTERED, r.reference, Pair.attribute(Id.THIS_DN, r.dn)));
        });
    }

    @Override
    public void unregistered(Integer reference, String dn) {
        now(() -> {
            Pending.Request r = pending.take(reference);
            String which = dn != null ? dn : r != null ? r.dn : only();
            if (which == null) {
                unexpected("EventUnregistered without a DN", reference);
                return;
            }
            registered.remove(which);
            if (r == null) {
                Log.warn("DN unregistered by T-Server", "peer", client.name(), "dn", which);
            }
            client.send(new Message(Id.EVENT_UNREGISTERED, r == null ? 0 : r.reference, Pair.attribute(Id.THIS_DN, which)));
        });
    }

    @Override
    public void userEvent(String dn, KeyValueCollection data) {
        now(() -> {
            String on = dn != null ? dn : only();
            try {
                if (on == null) {
                    throw new UserData.Refused("it names no DN, and " + registered.size() + " are registered");
                }
                List<Pair> list = data == null ? null : userData.fromSdk(data);
                Message m = new Message(Id.EVENT_USER_EVENT, 0, List.of(Pair.attribute(Id.THIS_DN, on)), list);
                client.send(m.frame());
            } catch (UserData.Refused | FrameException e) {
                drop(on, e.getMessage());
            }
        });
    }

    /** An event that cannot be carried: told to the relay and in the log, once a second at most. */
    private void drop(String dn, String why) {
        dropped++;
        long now = System.nanoTime();
        if (droppedSince != 0 && now - droppedSince < Ticker.SECOND) {
            return;
        }
        String text = "a user event was dropped: " + why;
        Log.error(text, "peer", client.name(), "dn", dn, "dropped", dropped);
        client.send(Session.error(0, dn, Session.INVALID, text));
        droppedSince = now;
        dropped = 0;
    }

    @Override
    public void state(int id) {
        now(() -> {
            switch (id) {
                case Id.EVENT_LINK_CONNECTED:
                    linkBy = 0;
                    break;
                case Id.EVENT_LINK_DISCONNECTED:
                    linkLost();
                    break;
                default:
            }
            Log.info("T-Server says", "peer", client.name(), "message", id);
            client.send(new Message(id, 0));
            if (id == Id.EVENT_LINK_DISCONNECTED && !alone) {
                // A relay with this one address could not leave for the other T-Server by itself.
                client.finish("T-Server has lost its switch, or is the backup: the other one is next");
            }
        });
    }

    /** The connection ends also where there is no other T-Server: the next one asks for the role anew. */
    @Override
    public void backup(String why) {
        now(() -> {
            linkLost();
            String text = why + (alone ? "; no other is configured: give the bridge the primary, too (tserver.backup.host)" : ": the other one is next");
            Log.warn(text, "peer", client.name());
            client.send(new Message(Id.EVENT_LINK_DISCONNECTED, 0, Pair.attribute(Id.ERROR_MESSAGE, text)));
            client.finish(text);
        });
    }

    private void linkLost() {
        linkBy = 0;
        registered.clear();
        away();
    }

    @Override
    public void closed(String why) {
        now(() -> {
            away();
            client.goodbye(why);
        });
    }

    /** Says once that this T-Server does not serve: it may serve others again by the time that the connection is closed. */
    private void away() {
        if (isAway.compareAndSet(false, true)) {
            away.run();
        }
    }

    /** The one DN that is registered, null where there are more or none. */
    private String only() {
        return registered.size() == 1 ? registered.iterator().next() : null;
    }

    private void unexpected(String what, Integer reference) {
        Log.debug(what + " answers no request", "peer", client.name(), "reference", reference);
    }
}
