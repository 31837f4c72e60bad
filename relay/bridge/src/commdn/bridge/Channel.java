package commdn.bridge;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.commons.protocol.ChannelClosedEvent;
import com.genesyslab.platform.commons.protocol.ChannelErrorEvent;
import com.genesyslab.platform.commons.protocol.ChannelListener;
import com.genesyslab.platform.commons.protocol.ChannelState;
import com.genesyslab.platform.commons.protocol.Message;
import com.genesyslab.platform.commons.protocol.MessageHandler;
import com.genesyslab.platform.commons.protocol.ProtocolException;
import com.genesyslab.platform.commons.protocol.RegistrationException;
import com.genesyslab.platform.voice.protocol.TServerProtocol;
import com.genesyslab.platform.voice.protocol.tserver.AddressType;
import com.genesyslab.platform.voice.protocol.tserver.CommonProperties;
import com.genesyslab.platform.voice.protocol.tserver.ControlMode;
import com.genesyslab.platform.voice.protocol.tserver.RegisterMode;
import com.genesyslab.platform.voice.protocol.tserver.ServerRole;
import com.genesyslab.platform.voice.protocol.tserver.events.EventACK;
import com.genesyslab.platform.voice.protocol.tserver.events.EventError;
import com.genesyslab.platform.voice.protocol.tserver.events.EventLinkConnected;
import com.genesyslab.platform.voice.protocol.tserver.events.EventLinkDisconnected;
import com.genesyslab.platform.voice.protocol.tserver.events.EventPrimaryChanged;
import com.genesyslab.platform.voice.protocol.tserver.events.EventRegistered;
import com.genesyslab.platform.voice.protocol.tserver.events.EventServerInfo;
import com.genesyslab.platform.voice.protocol.tserver.events.EventUnregistered;
import com.genesyslab.platform.voice.protocol.tserver.events.EventUserEvent;
import com.genesyslab.platform.voice.protocol.tserver.requests.dn.RequestRegisterAddress;
import com.genesyslab.platform.voice.protocol.tserver.requests.dn.RequestUnregisterAddress;
import com.genesyslab.platform.voice.protocol.tserver.requests.special.RequestDistributeUserEvent;
import commdn.tlink.Id;
import java.io.IOException;
import java.util.EventObject;

/** One connection of the SDK to one T-Server: all calls of its voice part are here. */
final class Channel implements MessageHandler, ChannelListener {
    /** The connection is not there; the message says why. */
    static class Lost extends Exception {
        private static final long serialVersionUID = 1L;

        Lost(String why) {
            super(why);
        }
    }

    /** T-Server is there, and does not want this client. */
    static final class Refused extends Lost {
        private static final long serialVersionUID = 1L;

        Refused(String why) {
            super(why);
        }
    }

    /** What comes from T-Server, in the SDK's own thread: none of these may block. Values may be null. */
    interface Events {
        void acknowledged(Integer reference);

        void refused(Integer reference, String dn, Integer code, String text);

        void registered(Integer reference, String dn);

        void unregistered(Integer reference, String dn);

        void userEvent(String dn, KeyValueCollection data);

        /** EventLinkConnected, EventLinkDisconnected, EventPrimaryChanged or EventServerInfo. */
        void state(int id);

        /** This T-Server says that it is the backup of its pair; the text names both. */
        void backup(String why);

        void closed(String why);
    }

    private final String server;
    private final int openMillis;
    private final TServerProtocol protocol;
    private final Events events;

    Channel(Config config, int i, String application, Events events) throws Lost {
        this.server = "T-Server " + config.tserver.address(i);
        this.openMillis = config.openSeconds * 1000;
        this.events = events;
        try {
            protocol = new TServerProtocol(Endpoints.of(config.tserver, i));
        } catch (IOException e) {
            throw new Lost(server + ": " + Errors.text(e));
        }
        protocol.setClientName(application);
        if (config.tserver.password != null) {
            protocol.setClientPassword(config.tserver.password);
        }
        protocol.setTimeout(openMillis);
        protocol.setMessageHandler(this);
        protocol.addChannelListener(this);
    }

    void open() throws Lost {
        try {
            protocol.open(openMillis);
        } catch (RegistrationException e) {
            throw new Refused(server + " refuses the application: " + Errors.text(e));
        } catch (ProtocolException | IllegalStateException e) {
            throw new Lost(server + " cannot be connected: " + Errors.text(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Lost(server + ": interrupted");
        }
    }

    void register(int reference, String dn, int mode) throws Lost {
        RegisterMode how = mode == Id.MONITOR ? RegisterMode.ModeMonitor : RegisterMode.ModeShare;
        RequestRegisterAddress r = RequestRegisterAddress.create(dn, how, ControlMode.RegisterDefault, AddressType.DN);
        r.setReferenceID(reference);
        send(r);
    }

    void unregister(int reference, String dn) throws Lost {
        RequestUnregisterAddress r = RequestUnregisterAddress.create(dn, ControlMode.RegisterDefault);
        r.setReferenceID(reference);
        send(r);
    }

    void distribute(int reference, String dn, KeyValueCollection data) throws Lost {
        CommonProperties event = CommonProperties.create();
        event.setUserEvent(EventUserEvent.ID);
        event.setThisDN(dn);
        if (data != null) {
            event.setUserData(data);
        }
        RequestDistributeUserEvent r = RequestDistributeUserEvent.create(dn, event);
        r.setReferenceID(reference);
        send(r);
    }

    private void send(Message m) throws Lost {
        try {
            protocol.send(m);
        } catch (ProtocolException | IllegalStateException e) {
            throw new Lost(server + " is not connected: " + Errors.text(e));
        }
    }

    /** Closes the connection; not to be called in the SDK's thread. */
    void close() {
        try {
            if (protocol.getState() != ChannelState.Closed) {
                protocol.close();
            }
        } catch (ProtocolException | IllegalStateException e) {
            Log.debug("closing the connection to T-Server failed", "err", Errors.text(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void onMessage(Message m) {
        try {
            handle(m);
        } catch (RuntimeException e) {
            Log.error("a message of T-Server was dropped: fault of the bridge", "message", m.messageName(), "err", Errors.text(e));
        } catch (Error e) {
            // The relay may miss something: it connects again, and asks.
            events.closed("the bridge failed: " + Errors.text(e));
        }
    }

    private void handle(Message m) {
        switch (m.messageId()) {
            case EventUserEvent.ID:
                EventUserEvent event = (EventUserEvent) m;
                events.userEvent(event.getThisDN(), event.getUserData());
                break;
            case EventACK.ID:
                events.acknowledged(((EventACK) m).getReferenceID());
                break;
            case EventError.ID:
                EventError error = (EventError) m;
                events.refused(error.getReferenceID(), error.getThisDN(), error.getErrorCode(), error.getErrorMessage());
                break;
            case EventRegistered.ID:
                EventRegistered registered = (EventRegistered) m;
                if (!isBackup(m, registered.getServerRole())) {
                    events.registered(registered.getReferenceID(), registered.getThisDN());
                }
                break;
            case EventUnregistered.ID:
                events.unregistered(((EventUnregistered) m).getReferenceID(), ((EventUnregistered) m).getThisDN());
                break;
            case EventLinkConnected.ID:
                state(m, ((EventLinkConnected) m).getServerRole());
                break;
            case EventServerInfo.ID:
                state(m, ((EventServerInfo) m).getServerRole());
                break;
            case EventLinkDisconnected.ID:
            case EventPrimaryChanged.ID:
                events.state(m.messageId());
                break;
            default:
                Log.debug("message of T-Server passed over", "message", m.messageName());
        }
    }

    private void state(Message m, ServerRole role) {
        if (!isBackup(m, role)) {
            events.state(m.messageId());
        }
    }

    /**
     * Tells of a backup, which counts as one without a switch although it may have a link of its own and take a
     * registration: OCS sends nothing to it. An older T-Server says no role, null, which means nothing.
     */
    private boolean isBackup(Message m, ServerRole role) {
        if (role != ServerRole.Backup) {
            return false;
        }
        events.backup(server + " says in " + m.messageName() + " that it is the backup");
        return true;
    }

    @Override
    public void onChannelOpened(EventObject e) {
        // open has returned, or is about to
    }

    @Override
    public void onChannelClosed(ChannelClosedEvent e) {
        Throwable cause = e.getCause();
        events.closed(server + " closed the connection" + (cause == null ? "" : ": " + Errors.text(cause)));
    }

    @Override
    public void onChannelError(ChannelErrorEvent e) {
        Log.warn("error on the connection to T-Server", "tserver", server, "err", Errors.text(e.getCause()));
    }
}
