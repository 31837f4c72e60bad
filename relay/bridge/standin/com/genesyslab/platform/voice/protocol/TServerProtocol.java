package com.genesyslab.platform.voice.protocol;

import com.genesyslab.platform.commons.connection.configuration.PropertyConfiguration;
import com.genesyslab.platform.commons.protocol.ClientChannel;
import com.genesyslab.platform.commons.protocol.Endpoint;
import com.genesyslab.platform.commons.protocol.Message;
import com.genesyslab.platform.commons.protocol.ProtocolException;
import com.genesyslab.platform.commons.protocol.RegistrationException;
import com.genesyslab.platform.voice.protocol.tserver.CommonProperties;
import com.genesyslab.platform.voice.protocol.tserver.ServerRole;
import com.genesyslab.platform.voice.protocol.tserver.events.Event;
import com.genesyslab.platform.voice.protocol.tserver.events.EventError;
import com.genesyslab.platform.voice.protocol.tserver.events.EventUserEvent;
import com.genesyslab.platform.voice.protocol.tserver.requests.dn.RequestRegisterAddress;
import com.genesyslab.platform.voice.protocol.tserver.requests.dn.RequestUnregisterAddress;
import com.genesyslab.platform.voice.protocol.tserver.requests.special.RequestDistributeUserEvent;
import commdn.standin.Habits;
import commdn.standin.Values;
import commdn.tlink.FrameException;
import commdn.tlink.Id;
import commdn.tlink.Pair;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Stand-in: a connection to the simulator's T-Server, which speaks tlink. */
public class TServerProtocol extends ClientChannel {
    private final PropertyConfiguration configuration;
    private final Values values;
    private String name = "";
    private String password;
    private volatile Socket socket;
    private volatile CountDownLatch begun; // 0 once events may be delivered
    private volatile long heard;
    private boolean swallow = Habits.has("swallow-link");

    public TServerProtocol(Endpoint endpoint) {
        super(endpoint);
        configuration = (PropertyConfiguration) endpoint.getConfiguration();
        values = new Values(configuration.strings());
    }

    public void setClientName(String name) {
        this.name = name;
    }

    public void setClientPassword(String password) {
        this.password = password;
    }

    @Override
    protected void connect(long millis) throws ProtocolException {
        try {
            Socket s = new Socket();
            socket = s;
            begun = new CountDownLatch(1);
            s.connect(new InetSocketAddress(endpoint().getHost(), endpoint().getPort()), (int) millis);
            if (endpoint().tls() != null) {
                s = endpoint().tls().getSocketFactory().createSocket(s, endpoint().getHost(), endpoint().getPort(), true);
                socket = s;
            }
            s.setTcpNoDelay(true);
            s.setSoTimeout((int) millis);
            DataInputStream in = new DataInputStream(new BufferedInputStream(s.getInputStream()));
            write(new commdn.tlink.Message(Id.REQUEST_REGISTER_CLIENT, 1, Pair.attribute(Id.APPLICATION_NAME, name)));
            register(commdn.tlink.Message.read(in, () -> { }));
            s.setSoTimeout(0);
            Socket used = s;
            start("reader of T-Server", () -> read(used, in));
            if (configuration.addpSeconds() > 0) {
                start("ADDP", () -> poll(used, configuration.addpSeconds()));
            }
        } catch (SocketTimeoutException e) {
            throw new ProtocolException("no answer within " + millis + " ms", e);
        } catch (IOException e) {
            throw new ProtocolException("Failed to connect to " + endpoint().getHost() + ":" + endpoint().getPort(), e);
        }
    }

    private static void start(String name, Runnable r) {
        Thread t = new Thread(r, name);
        t.setDaemon(true);
        t.start();
    }

    private void register(commdn.tlink.Message answer) throws ProtocolException {
        if (!Habits.accepts("standin.tserver.password", password)) {
            throw new RegistrationException("Registration failed: client authentication failed");
        } else if (!Habits.accepts("standin.tserver.application", name)) {
            throw new RegistrationException("Registration failed: no license for application " + name);
        } else if (answer == null) {
            throw new ProtocolException("T-Server closed the connection");
        } else if (answer.id != Id.EVENT_SERVER_CONNECTED) {
            throw new RegistrationException("Registration failed: " + answer.number(Id.ERROR_CODE) + " " + answer.text(Id.ERROR_MESSAGE));
        }
    }

    @Override
    protected void opened() {
        begun.countDown();
    }

    private void read(Socket s, DataInputStream in) {
        Throwable cause;
        Throwable error = null;
        try {
            begun.await();
            while (true) {
                commdn.tlink.Message m = commdn.tlink.Message.read(in, () -> { });
                if (m == null) {
                    throw new EOFException("Remote side closed the connection");
                }
                heard = System.nanoTime();
                take(m);
            }
        } catch (FrameException e) {
            error = new ProtocolException("Message cannot be parsed", e);
            cause = error;
        } catch (IOException e) {
            cause = e;
        } catch (InterruptedException e) {
            cause = e;
        }
        if (s == socket) {
            end(error, cause);
        }
    }

    private void take(commdn.tlink.Message m) {
        if (m.id == Id.KEEP_ALIVE_ACK || m.id == Id.EVENT_LINK_CONNECTED && swallow) {
            swallow &= m.id == Id.KEEP_ALIVE_ACK;
            return;
        }
        Event.Parts p = new Event.Parts();
        p.reference = m.reference == 0 ? null : Integer.valueOf(m.reference);
        p.thisDN = m.id == Id.EVENT_USER_EVENT && Habits.has("null-dn") ? null : m.text(Id.THIS_DN);
        p.userData = m.userData == null ? null : values.toSdk(m.userData);
        p.code = Habits.has("null-code") ? null : m.number(Id.ERROR_CODE);
        p.text = m.text(Id.ERROR_MESSAGE);
        p.role = ServerRole.of(m.text(ServerRole.ATTRIBUTE));
        Event e = p.event(m.id);
        if (e != null) {
            deliver(e);
        }
    }

    /** As ADDP does: asks while nothing comes, and is done when nothing comes even then. */
    private void poll(Socket s, int seconds) {
        long asked = 0;
        heard = System.nanoTime();
        try {
            while (s == socket && !s.isClosed()) {
                Thread.sleep(100);
                long idle = System.nanoTime() - Math.max(heard, asked);
                if (heard > asked && idle > seconds * 1_000_000_000L) {
                    asked = System.nanoTime();
                    write(new commdn.tlink.Message(Id.KEEP_ALIVE, 0));
                } else if (asked >= heard && idle > seconds * 1_000_000_000L) {
                    end(null, new ProtocolException("ADDP: connection is unresponsive"));
                }
            }
        } catch (IOException | InterruptedException e) {
            end(null, e);
        }
    }

    @Override
    protected void write(Message m) throws ProtocolException {
        List<Pair> attributes = new ArrayList<>();
        List<Pair> data = null;
        int reference;
        if (m instanceof RequestRegisterAddress) {
            RequestRegisterAddress r = (RequestRegisterAddress) m;
            reference = r.getReferenceID();
            attributes.add(Pair.attribute(Id.THIS_DN, r.getThisDN()));
            attributes.add(Pair.attribute(Id.REGISTER_MODE, r.getRegisterMode().ordinal()));
        } else if (m instanceof RequestUnregisterAddress) {
            reference = ((RequestUnregisterAddress) m).getReferenceID();
            attributes.add(Pair.attribute(Id.THIS_DN, ((RequestUnregisterAddress) m).getThisDN()));
        } else {
            RequestDistributeUserEvent r = (RequestDistributeUserEvent) m;
            reference = r.getReferenceID();
            String wrong = wrong(r);
            if (wrong != null) {
                refuse(reference, r.getCommunicationDN(), wrong);
                return;
            }
            attributes.add(Pair.attribute(Id.THIS_DN, r.getCommunicationDN()));
            if (r.getUserEvent().getUserData() != null) {
                data = values.toTlink(r.getUserEvent().getUserData());
            }
        }
        try {
            write(new commdn.tlink.Message(m.messageId(), reference, attributes, data));
        } catch (FrameException e) {
            throw new ProtocolException("Message cannot be packed", e);
        } catch (IOException e) {
            end(null, e);
            throw new ProtocolException("Connection is lost", e);
        }
    }

    /** What keeps a user event from arriving at the DN as an EventUserEvent; null where nothing does. tlink carries none of it. */
    private static String wrong(RequestDistributeUserEvent r) {
        CommonProperties event = r.getUserEvent();
        if (!Integer.valueOf(EventUserEvent.ID).equals(event.getUserEvent())) {
            return "UserEvent is " + event.getUserEvent() + ", and has to be EventUserEvent";
        } else if (!r.getCommunicationDN().equals(event.getThisDN())) {
            return "ThisDN is " + event.getThisDN() + ", and has to be the CommunicationDN";
        }
        return null;
    }

    private void refuse(int reference, String dn, String text) {
        Event.Parts p = new Event.Parts();
        p.reference = reference;
        p.thisDN = dn;
        p.code = 53; // invalid attribute value
        p.text = text;
        deliver(p.event(EventError.ID));
    }

    private void write(commdn.tlink.Message m) throws IOException {
        byte[] frame = m.frame();
        synchronized (this) {
            socket.getOutputStream().write(frame);
        }
    }

    @Override
    protected void disconnect() {
        try {
            socket.close();
            begun.countDown();
        } catch (IOException e) {
            // it is closed all the same
        }
    }
}
