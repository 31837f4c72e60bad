package commdn.bridge;

import com.genesyslab.platform.applicationblocks.com.CfgFilterBasedQuery;
import com.genesyslab.platform.applicationblocks.com.CfgObject;
import com.genesyslab.platform.applicationblocks.com.ConfEvent;
import com.genesyslab.platform.applicationblocks.com.ConfServiceFactory;
import com.genesyslab.platform.applicationblocks.com.ConfigException;
import com.genesyslab.platform.applicationblocks.com.IConfService;
import com.genesyslab.platform.applicationblocks.com.NotificationQuery;
import com.genesyslab.platform.applicationblocks.com.objects.CfgAgentGroup;
import com.genesyslab.platform.applicationblocks.com.objects.CfgApplication;
import com.genesyslab.platform.applicationblocks.com.objects.CfgCampaign;
import com.genesyslab.platform.applicationblocks.com.objects.CfgCampaignGroup;
import com.genesyslab.platform.applicationblocks.com.objects.CfgDN;
import com.genesyslab.platform.applicationblocks.com.objects.CfgPlaceGroup;
import com.genesyslab.platform.applicationblocks.com.objects.CfgSwitch;
import com.genesyslab.platform.applicationblocks.com.objects.CfgTenant;
import com.genesyslab.platform.applicationblocks.com.queries.CfgAgentGroupQuery;
import com.genesyslab.platform.applicationblocks.com.queries.CfgApplicationQuery;
import com.genesyslab.platform.applicationblocks.com.queries.CfgCampaignGroupQuery;
import com.genesyslab.platform.applicationblocks.com.queries.CfgCampaignQuery;
import com.genesyslab.platform.applicationblocks.com.queries.CfgDNQuery;
import com.genesyslab.platform.applicationblocks.com.queries.CfgPlaceGroupQuery;
import com.genesyslab.platform.applicationblocks.com.queries.CfgSwitchQuery;
import com.genesyslab.platform.applicationblocks.com.queries.CfgTenantQuery;
import com.genesyslab.platform.applicationblocks.commons.Action;
import com.genesyslab.platform.applicationblocks.commons.Predicate;
import com.genesyslab.platform.commons.protocol.ChannelClosedEvent;
import com.genesyslab.platform.commons.protocol.ChannelErrorEvent;
import com.genesyslab.platform.commons.protocol.ChannelListener;
import com.genesyslab.platform.commons.protocol.ProtocolException;
import com.genesyslab.platform.commons.threading.SingleThreadInvoker;
import com.genesyslab.platform.configuration.protocol.ConfServerProtocol;
import com.genesyslab.platform.configuration.protocol.types.CfgDNType;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;
import java.io.IOException;
import java.util.Collection;
import java.util.EventObject;

/** One connection of the SDK to Configuration Server: all calls of its configuration part are here. */
final class ConfigReader implements ChannelListener {
    /** What happens meanwhile, in threads of the SDK: neither may block or read. */
    interface Events {
        void changed();

        void closed(String why);
    }

    private static final long OPEN_MILLIS = 30_000;
    private static final CfgObjectType[] KINDS = {
        CfgObjectType.CFGTenant, CfgObjectType.CFGApplication, CfgObjectType.CFGSwitch, CfgObjectType.CFGDN,
        CfgObjectType.CFGAgentGroup, CfgObjectType.CFGPlaceGroup, CfgObjectType.CFGCampaign, CfgObjectType.CFGCampaignGroup,
    };

    private final Events events;
    private final long readMillis;
    private final ConfServerProtocol protocol;
    private final SingleThreadInvoker invoker;
    private IConfService service;
    private volatile boolean over; // what the SDK still tells of it is no news

    /** Makes protocol and service anew: notifications do not outlive a connection. */
    ConfigReader(Config c, int i, Events events) throws IOException {
        this.events = events;
        this.readMillis = c.readSeconds * 1000L;
        protocol = new ConfServerProtocol(Endpoints.of(c.confserver, i));
        protocol.setClientName(c.confserver.application);
        protocol.setClientApplicationType(c.applicationType);
        protocol.setUserName(c.user);
        if (c.userPassword != null) {
            protocol.setUserPassword(c.userPassword);
        }
        protocol.setTimeout(readMillis);
        invoker = new SingleThreadInvoker("changes of Configuration Server");
    }

    /** Connects and subscribes; what is read after it lacks no change. */
    void open() throws ProtocolException, ConfigException, InterruptedException {
        service = ConfServiceFactory.createConfService(protocol);
        service.setBrokerInvoker(invoker);
        Action<ConfEvent> changed = e -> events.changed();
        Predicate<ConfEvent> all = e -> true;
        service.register(changed, all);
        protocol.addChannelListener(this);
        protocol.open(OPEN_MILLIS);
        for (CfgObjectType kind : KINDS) {
            NotificationQuery q = new NotificationQuery();
            q.setObjectType(kind);
            service.subscribe(q);
        }
    }

    /** Reads everything that the relay needs; not to be called in a thread of the SDK. */
    Directory read() throws ConfigException, InterruptedException {
        Directory d = new Directory();
        CfgTenantQuery tenants = new CfgTenantQuery();
        tenants.setAllTenants(1); // else the first one is missing
        d.tenants(all(CfgTenant.class, tenants));
        d.applications(all(CfgApplication.class, new CfgApplicationQuery()));
        d.switches(all(CfgSwitch.class, new CfgSwitchQuery()));
        CfgDNQuery dns = new CfgDNQuery();
        dns.setDnType(CfgDNType.CFGCommDN);
        d.dns(all(CfgDN.class, dns));
        d.agentGroups(all(CfgAgentGroup.class, new CfgAgentGroupQuery()));
        d.placeGroups(all(CfgPlaceGroup.class, new CfgPlaceGroupQuery()));
        d.campaigns(all(CfgCampaign.class, new CfgCampaignQuery()));
        d.campaignGroups(all(CfgCampaignGroup.class, new CfgCampaignGroupQuery()));
        return d;
    }

    // Raw, as the queries of an SDK of 8.5 have no type parameter.
    @SuppressWarnings({"rawtypes", "unchecked"})
    private <T extends CfgObject> Collection<T> all(Class<T> kind, CfgFilterBasedQuery q) throws ConfigException, InterruptedException {
        q.setDoRequestObjectPath(false);
        return service.retrieveMultipleObjects(kind, q, readMillis);
    }

    /** Closes the connection; not to be called in a thread of the SDK. */
    void close() {
        over = true;
        try {
            protocol.close();
        } catch (ProtocolException | IllegalStateException e) {
            Log.debug("closing the connection to Configuration Server failed", "err", Errors.text(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (service != null) {
            ConfServiceFactory.releaseConfService(service);
        }
        invoker.release();
    }

    @Override
    public void onChannelOpened(EventObject e) {
        // open has returned, or is about to
    }

    @Override
    public void onChannelClosed(ChannelClosedEvent e) {
        if (over) {
            return;
        }
        Throwable cause = e.getCause();
        events.closed("Configuration Server closed the connection" + (cause == null ? "" : ": " + Errors.text(cause)));
    }

    @Override
    public void onChannelError(ChannelErrorEvent e) {
        Log.warn("error on the connection to Configuration Server", "err", Errors.text(e.getCause()));
    }
}
