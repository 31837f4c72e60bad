package commdn.bridge;

import com.genesyslab.platform.applicationblocks.com.ConfServiceFactory;
import com.genesyslab.platform.applicationblocks.com.ConfigException;
import com.genesyslab.platform.applicationblocks.com.IConfService;
import com.genesyslab.platform.applicationblocks.com.NotificationQuery;
import com.genesyslab.platform.applicationblocks.com.objects.CfgApplication;
import com.genesyslab.platform.applicationblocks.com.objects.CfgCampaign;
import com.genesyslab.platform.applicationblocks.com.objects.CfgTenant;
import com.genesyslab.platform.applicationblocks.com.queries.CfgApplicationQuery;
import com.genesyslab.platform.applicationblocks.com.queries.CfgCampaignQuery;
import com.genesyslab.platform.applicationblocks.com.queries.CfgTenantQuery;
import com.genesyslab.platform.commons.connection.configuration.PropertyConfiguration;
import com.genesyslab.platform.commons.protocol.ChannelClosedEvent;
import com.genesyslab.platform.commons.protocol.ChannelErrorEvent;
import com.genesyslab.platform.commons.protocol.ChannelListener;
import com.genesyslab.platform.commons.protocol.ChannelNotClosedException;
import com.genesyslab.platform.commons.protocol.ChannelState;
import com.genesyslab.platform.commons.protocol.Endpoint;
import com.genesyslab.platform.commons.protocol.Message;
import com.genesyslab.platform.commons.protocol.ProtocolTimeoutException;
import com.genesyslab.platform.configuration.protocol.ConfServerProtocol;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;
import com.genesyslab.platform.voice.protocol.TServerProtocol;
import com.genesyslab.platform.voice.protocol.tserver.CommonProperties;
import com.genesyslab.platform.voice.protocol.tserver.ControlMode;
import com.genesyslab.platform.voice.protocol.tserver.events.EventACK;
import com.genesyslab.platform.voice.protocol.tserver.events.EventError;
import com.genesyslab.platform.voice.protocol.tserver.events.EventRegistered;
import com.genesyslab.platform.voice.protocol.tserver.events.EventUserEvent;
import com.genesyslab.platform.voice.protocol.tserver.requests.dn.RequestUnregisterAddress;
import com.genesyslab.platform.voice.protocol.tserver.requests.special.RequestDistributeUserEvent;
import commdn.tlink.Id;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EventObject;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** The stand-in has the SDK's habits: a bridge that relies on something else fails with it. */
final class StandinTest {
    public static void main(String[] args) throws Exception {
        tserver();
        userEvents();
        Path export = Files.createTempFile("export", ".json");
        Files.writeString(export, "{\"CFGTenant\": {\"DBID\": 1, \"name\": \"Environment\"}, \"CFGApplication\": {\"DBID\": 2, \"type\": 4711}}");
        System.setProperty("standin.directory", export.toString());
        reading();
        notifications(export);
        Files.delete(export);
        Check.done(StandinTest.class);
    }

    /** Keeps what comes. */
    private static final class Heard implements ChannelListener {
        final BlockingQueue<Object> all = new LinkedBlockingQueue<>();
        final AtomicReference<Check.Block> inCallback = new AtomicReference<>();
        final AtomicReference<Exception> thrown = new AtomicReference<>();

        void message(Message m) {
            Check.Block b = inCallback.getAndSet(null);
            if (b != null) {
                try {
                    b.run();
                } catch (Exception e) {
                    thrown.set(e);
                }
            }
            all.add(m);
        }

        <T> T next(Class<T> kind) throws InterruptedException {
            Object o = all.poll(20, TimeUnit.SECONDS);
            Check.that(kind.isInstance(o), o + " in place of " + kind.getSimpleName());
            return kind.cast(o);
        }

        @Override
        public void onChannelOpened(EventObject event) {
            all.add(event);
        }

        @Override
        public void onChannelClosed(ChannelClosedEvent event) {
            all.add(event);
        }

        @Override
        public void onChannelError(ChannelErrorEvent event) {
            all.add(event);
        }
    }

    private static Endpoint endpoint(String host, int port) {
        return new Endpoint("x", host, port, new PropertyConfiguration());
    }

    private static void tserver() throws Exception {
        Message request = RequestUnregisterAddress.create("DN", ControlMode.RegisterDefault);
        try (FakeTServer t = new FakeTServer()) {
            TServerProtocol p = new TServerProtocol(endpoint("127.0.0.1", t.port()));
            Heard h = new Heard();
            p.setMessageHandler(h::message);
            p.addChannelListener(h);
            Check.thrown(IllegalStateException.class, () -> p.send(request), "send before open");
            p.open(5000);
            Check.thrown(ChannelNotClosedException.class, p::open, "open twice");
            h.next(EventObject.class);
            h.next(Message.class); // EventLinkConnected
            FakeTServer.Connection c = t.next();
            h.inCallback.set(p::close);
            c.event("DN", null);
            Check.that(h.next(EventUserEvent.class).getUserData() == null, "user data that is not there is null");
            Check.that(h.thrown.get() instanceof IllegalStateException, "close in a callback: " + h.thrown.get());
            c.send(new commdn.tlink.Message(Id.EVENT_REGISTERED, 0));
            EventRegistered r = h.next(EventRegistered.class);
            Check.that(r.getReferenceID() == null && r.getThisDN() == null, "what is not there is null");
            c.socket.close();
            Check.that(h.next(ChannelClosedEvent.class).getCause() != null, "a lost connection has a cause");
            Check.equal(p.getState(), ChannelState.Closed, "state");
            Check.thrown(IllegalStateException.class, () -> p.send(request), "send after the end");
        }
    }

    /** A user event that would not arrive at the DN as an EventUserEvent is refused, as tlink carries nothing that would tell. */
    private static void userEvents() throws Exception {
        Object[][] cases = {
            {EventUserEvent.ID, "DN", null},
            {1, "DN", "UserEvent is 1, "},
            {null, "DN", "UserEvent is null, "},
            {EventUserEvent.ID, "x", "ThisDN is x, "},
            {EventUserEvent.ID, null, "ThisDN is null, "},
        };
        try (FakeTServer t = new FakeTServer()) {
            TServerProtocol p = new TServerProtocol(endpoint("127.0.0.1", t.port()));
            Heard h = new Heard();
            p.setMessageHandler(h::message);
            p.open(20_000);
            h.next(Message.class); // EventLinkConnected
            for (Object[] c : cases) {
                CommonProperties event = CommonProperties.create();
                if (c[0] != null) {
                    event.setUserEvent((Integer) c[0]);
                }
                event.setThisDN((String) c[1]);
                RequestDistributeUserEvent r = RequestDistributeUserEvent.create("DN", event);
                r.setReferenceID(7);
                p.send(r);
                if (c[2] == null) {
                    Check.equal(h.next(EventACK.class).getReferenceID(), 7, "reference of EventACK");
                    continue;
                }
                EventError e = h.next(EventError.class);
                Check.equal(e.getReferenceID() + " " + e.getErrorCode() + " " + e.getThisDN(), "7 53 DN", "EventError");
                Check.contains(e.getErrorMessage(), (String) c[2], "EventError");
            }
            p.close();
            Check.equal(t.next().requests.stream().filter(m -> m.id == Id.REQUEST_DISTRIBUTE_USER_EVENT).count(), 1L, "user events that got through");
        }
    }

    private static void reading() throws Exception {
        ConfServerProtocol p = new ConfServerProtocol(endpoint("file", 2020));
        IConfService s = ConfServiceFactory.createConfService(p);
        Check.thrown(IllegalStateException.class, () -> s.retrieveMultipleObjects(CfgCampaign.class, new CfgCampaignQuery(), 1000), "a closed channel");
        p.open();
        Check.thrown(IllegalStateException.class, () -> ConfServiceFactory.createConfService(p), "a service for an open channel");
        Check.that(s.retrieveMultipleObjects(CfgCampaign.class, new CfgCampaignQuery(), 1000) == null, "nothing is null");
        Check.that(s.retrieveMultipleObjects(CfgTenant.class, new CfgTenantQuery(), 1000) == null, "tenant 1 is missing without setAllTenants");
        CfgTenantQuery all = new CfgTenantQuery();
        all.setAllTenants(1);
        Check.equal(s.retrieveMultipleObjects(CfgTenant.class, all, 1000).size(), 1, "tenants");
        CfgApplication a = s.retrieveMultipleObjects(CfgApplication.class, new CfgApplicationQuery(), 1000).iterator().next();
        Check.that(a.getName() == null && a.getType() == null && a.getTenantDBIDs() == null && a.getServerInfo() == null, "what is not there is null");
        p.close();
        ConfServiceFactory.releaseConfService(s);
    }

    private static void notifications(Path export) throws Exception {
        ConfServerProtocol p = new ConfServerProtocol(endpoint("file", 2020));
        IConfService s = ConfServiceFactory.createConfService(p);
        AtomicReference<Exception> thrown = new AtomicReference<>();
        CountDownLatch heard = new CountDownLatch(1);
        s.register(e -> {
            try {
                s.retrieveMultipleObjects(CfgCampaign.class, new CfgCampaignQuery(), 100);
            } catch (Exception x) {
                thrown.set(x);
            }
            heard.countDown();
        }, e -> e.getObjectType() == CfgObjectType.CFGCampaign);
        p.open();
        NotificationQuery q = new NotificationQuery();
        q.setObjectType(CfgObjectType.CFGCampaign);
        s.subscribe(q);
        Files.writeString(export, "{\"CFGCampaign\": {\"DBID\": 5}}");
        Check.that(heard.await(20, TimeUnit.SECONDS), "no notification came");
        Check.that(thrown.get() instanceof ConfigException && thrown.get().getCause() instanceof ProtocolTimeoutException,
            "a read in a callback: " + thrown.get());
        p.close();
        ConfServiceFactory.releaseConfService(s);
    }
}
