package commdn.standin;

import com.genesyslab.platform.applicationblocks.com.CfgFilterBasedQuery;
import com.genesyslab.platform.applicationblocks.com.CfgObject;
import com.genesyslab.platform.applicationblocks.com.ConfEvent;
import com.genesyslab.platform.applicationblocks.com.ConfigException;
import com.genesyslab.platform.applicationblocks.com.ICfgObject;
import com.genesyslab.platform.applicationblocks.com.ICfgQuery;
import com.genesyslab.platform.applicationblocks.com.IConfService;
import com.genesyslab.platform.applicationblocks.com.NotificationQuery;
import com.genesyslab.platform.applicationblocks.com.Subscription;
import com.genesyslab.platform.applicationblocks.com.objects.CfgDN;
import com.genesyslab.platform.applicationblocks.com.objects.Objects;
import com.genesyslab.platform.applicationblocks.commons.Action;
import com.genesyslab.platform.applicationblocks.commons.Predicate;
import com.genesyslab.platform.commons.protocol.ChannelState;
import com.genesyslab.platform.commons.protocol.ProtocolTimeoutException;
import com.genesyslab.platform.commons.threading.AsyncInvoker;
import com.genesyslab.platform.configuration.protocol.ConfServerProtocol;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** The configuration service over the export of a ConfServerProtocol. */
public final class FileService implements IConfService {
    private static final AtomicInteger CALLS = new AtomicInteger(); // of all services
    private static final int DIES_AT = Integer.getInteger("standin.config.dies-at", 0);

    private final ConfServerProtocol protocol;
    private final List<Handler> handlers = new CopyOnWriteArrayList<>();
    private final Set<CfgObjectType> subscribed = ConcurrentHashMap.newKeySet();
    private volatile AsyncInvoker broker;
    private volatile boolean released;

    private interface Handler {
        void with(ConfEvent e);
    }

    public FileService(ConfServerProtocol protocol) {
        this.protocol = protocol;
        protocol.onChange(this::changed);
    }

    @Override
    public <T extends ICfgObject> Collection<T> retrieveMultipleObjects(Class<T> kind, ICfgQuery<T> query, long millis)
            throws ConfigException, InterruptedException {
        usable();
        if (protocol.inCallback()) {
            // The answer would come in the thread that waits for it.
            Thread.sleep(Math.min(millis, 2_000));
            throw new ConfigException("no answer", new ProtocolTimeoutException("Timeout on waiting for a response"));
        }
        CfgFilterBasedQuery<?> q = (CfgFilterBasedQuery<?>) query;
        List<T> found = new ArrayList<>();
        for (Raw r : protocol.export().all(q.type())) {
            CfgObject o = Objects.of(q.type(), r);
            if (matches(q, o, r)) {
                found.add(kind.cast(o));
            }
        }
        return found.isEmpty() ? null : found;
    }

    private static boolean matches(CfgFilterBasedQuery<?> q, CfgObject o, Raw r) {
        Integer type = q.condition("type");
        if (type != null && (((CfgDN) o).getType() == null || ((CfgDN) o).getType().ordinal() != type)) {
            return false;
        }
        Integer all = q.condition("all_tenants");
        return q.type() != CfgObjectType.CFGTenant || all != null && all == 1 || !Integer.valueOf(1).equals(r.get("DBID").integer());
    }

    private void usable() {
        if (CALLS.incrementAndGet() == DIES_AT) {
            protocol.die();
        }
        if (released || protocol.getState() != ChannelState.Opened) {
            throw new IllegalStateException(released ? "the service is released" : "the channel is not opened");
        }
    }

    @Override
    public void register(Action<ConfEvent> action, Predicate<ConfEvent> filter) {
        handlers.add(e -> {
            if (filter.invoke(e)) {
                action.handle(e);
            }
        });
    }

    @Override
    public Subscription subscribe(NotificationQuery query) {
        usable();
        subscribed.add(query.getObjectType());
        return new Subscription() { };
    }

    @Override
    public void setBrokerInvoker(AsyncInvoker invoker) {
        broker = invoker;
    }

    /** One notification for each object that has changed, all of them at once, to whom has both registered and subscribed. */
    private void changed(CfgObjectType type, int dbid, Raw before, Raw after) {
        if (released || !subscribed.contains(type)) {
            return;
        }
        ConfEvent.EventType what = before == null ? ConfEvent.EventType.ObjectCreated
            : after == null ? ConfEvent.EventType.ObjectDeleted : ConfEvent.EventType.ObjectUpdated;
        ConfEvent e = new ConfEvent() {
            @Override
            public EventType getEventType() {
                return what;
            }

            @Override
            public CfgObjectType getObjectType() {
                return type;
            }

            @Override
            public int getObjectId() {
                return dbid;
            }
        };
        for (Handler h : handlers) {
            if (broker == null) {
                protocol.callback(() -> h.with(e));
            } else {
                broker.invoke(() -> h.with(e));
            }
        }
    }

    public void release() {
        released = true;
    }
}
