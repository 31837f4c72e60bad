package commdn.bridge;

import com.genesyslab.platform.voice.protocol.tserver.ServerRole;
import commdn.tlink.Id;
import commdn.tlink.Message;
import commdn.tlink.Pair;
import java.net.ServerSocket;
import java.util.Map;

/** Two T-Servers of which one serves, and how the bridge comes to it. */
final class PairTest {
    private static final int[] EVENTS_WITH_ROLE = {Id.EVENT_LINK_CONNECTED, Id.EVENT_SERVER_INFO, Id.EVENT_REGISTERED};

    public static void main(String[] args) throws Exception {
        pair();
        for (int event : EVENTS_WITH_ROLE) {
            roles(event, true);
            roles(event, false);
            alone(event);
        }
        Check.done(PairTest.class);
    }

    /** The backup serves when the primary is away, or says that it is none any more. */
    private static void pair() throws Exception {
        int nobody;
        try (ServerSocket s = new ServerSocket(0)) {
            nobody = s.getLocalPort();
        }
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of(), Running.tserver(nobody, t.port())); Relay r = b.relay()) {
            r.ready("CommDN_1");
        }
        try (FakeTServer one = new FakeTServer(); FakeTServer two = new FakeTServer();
                Running b = new Running(Map.of(), Running.tserver(one.port(), two.port()))) {
            try (Relay r = b.relay()) {
                r.ready("CommDN_1");
                one.next().send(new Message(Id.EVENT_LINK_DISCONNECTED, 0));
                r.next(Id.EVENT_LINK_DISCONNECTED);
            }
            try (Relay r = b.relay()) {
                r.ready("CommDN_1");
                FakeTServer.Connection c = two.next();
                two.answer = (m, x) -> {
                    if (m.id != Id.REQUEST_REGISTER_ADDRESS) {
                        return false;
                    }
                    x.send(new Message(Id.EVENT_ERROR, m.reference, Pair.attribute(Id.ERROR_CODE, 54)));
                    return true;
                };
                r.refused(r.register("CommDN_1"), 54);
            }
            try (Relay r = b.relay()) {
                r.ready("CommDN_1");
                FakeTServer.Connection c = one.next();
                c.socket.close();
                Check.contains(r.next(Id.EVENT_SERVER_DISCONNECTED).text(Id.ERROR_MESSAGE), "closed the connection: EOFException", "lost");
                r.ended("after EventServerDisconnected");
            }
            two.answer = (m, x) -> false;
            try (Relay r = b.relay()) {
                r.ready("CommDN_1");
                two.next();
            }
        }
    }

    /** A T-Server that says its role in one of its events, and serves whatever it is. */
    private static FakeTServer.Answer saying(int event, ServerRole role) {
        return (m, c) -> {
            switch (m.id) {
                case Id.REQUEST_REGISTER_CLIENT:
                    c.send(new Message(Id.EVENT_SERVER_CONNECTED, m.reference));
                    c.send(said(Id.EVENT_LINK_CONNECTED, 0, event, role));
                    return true;
                case Id.REQUEST_REGISTER_ADDRESS:
                    c.send(said(Id.EVENT_REGISTERED, m.reference, event, role));
                    if (event == Id.EVENT_SERVER_INFO) {
                        c.send(said(event, 0, event, role));
                    }
                    return true;
                default:
                    return false;
            }
        };
    }

    private static Message said(int id, int reference, int event, ServerRole role) {
        return id == event ? new Message(id, reference, Pair.attribute(ServerRole.ATTRIBUTE, role.name())) : new Message(id, reference);
    }

    /** What the relay hears of a T-Server that calls itself the backup in an event. */
    private static void backup(Relay r, int event, String text) throws Exception {
        r.registerClient();
        r.next(Id.EVENT_SERVER_CONNECTED);
        if (event != Id.EVENT_LINK_CONNECTED) {
            r.next(Id.EVENT_LINK_CONNECTED);
            r.register("CommDN_1");
        }
        if (event == Id.EVENT_SERVER_INFO) {
            r.next(Id.EVENT_REGISTERED);
        }
        Check.contains(r.next(Id.EVENT_LINK_DISCONNECTED).text(Id.ERROR_MESSAGE), text, "of a backup that says so in event " + event);
        r.ended("of a backup");
    }

    private static FakeTServer.Connection primary(Relay r, int event, FakeTServer t) throws Exception {
        r.ready("CommDN_1");
        if (event == Id.EVENT_SERVER_INFO) {
            r.next(Id.EVENT_SERVER_INFO);
        }
        return t.next();
    }

    /** A backup that has a switch link and takes registrations is left for the primary: at the start, and after the primary was lost once. */
    private static void roles(int event, boolean backupFirst) throws Exception {
        try (FakeTServer primary = new FakeTServer(); FakeTServer backup = new FakeTServer();
                Running b = new Running(Map.of(), backupFirst ? Running.tserver(backup.port(), primary.port()) : Running.tserver(primary.port(), backup.port()))) {
            primary.answer = saying(event, ServerRole.Primary);
            backup.answer = saying(event, ServerRole.Backup);
            String text = "T-Server 127.0.0.1:" + backup.port() + " says in Event";
            if (backupFirst) {
                try (Relay r = b.relay()) {
                    backup(r, event, text);
                }
            }
            try (Relay r = b.relay()) {
                primary(r, event, primary).socket.close();
                r.next(Id.EVENT_SERVER_DISCONNECTED);
            }
            try (Relay r = b.relay()) {
                backup(r, event, "that it is the backup: the other one is next");
            }
            try (Relay r = b.relay()) {
                primary(r, event, primary);
                r.distribute("CommDN_1", null);
                r.next(Id.EVENT_ACK);
            }
            b.logged(text);
        }
    }

    /** Where it is the one T-Server of the configuration the message says so each time, and the link is up once it is the primary. */
    private static void alone(int event) throws Exception {
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of(), Running.tserver(t.port()))) {
            t.answer = saying(event, ServerRole.Backup);
            for (int i = 0; i < 2; i++) {
                try (Relay r = b.relay()) {
                    backup(r, event, "that it is the backup; no other is configured: give the bridge the primary, too (tserver.backup.host)");
                    t.next();
                }
            }
            b.logged("no other is configured", 2);
            t.answer = saying(event, ServerRole.Primary);
            try (Relay r = b.relay()) {
                primary(r, event, t);
            }
        }
    }
}
