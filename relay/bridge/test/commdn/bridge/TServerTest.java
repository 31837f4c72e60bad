package commdn.bridge;

import commdn.tlink.Id;
import commdn.tlink.Message;
import commdn.tlink.Pair;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A relay's session with T-Server through a bridge in a process of its own. */
final class TServerTest {
    private static final List<Pair> DATA = List.of(Pair.attribute("GSW_CM_MessageType", 32), Pair.attribute("k", "v"));

    public static void main(String[] args) throws Exception {
        requests();
        registeredAgain();
        habits();
        swallowed();
        stops();
        Check.done(TServerTest.class);
    }

    private static void requests() throws Exception {
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of(), Running.tserver(t.port())); Relay r = b.relay()) {
            Check.contains(r.refused(r.register("DN"), 51), "RequestRegisterClient has to come first", "too early");
            r.send(Id.KEEP_ALIVE, null);
            r.next(Id.KEEP_ALIVE_ACK);
            r.ready("CommDN_1");
            Check.equal(t.next().requests.take().text(Id.APPLICATION_NAME), "commdn", "application");
            Check.contains(r.refused(r.registerClient(), 51), "has come already", "twice");
            Check.contains(r.refused(r.send(77, null), 51), "does not know message 77", "unknown");
            Check.contains(r.refused(r.register(""), 53), "AttributeThisDN is missing", "no DN");
            int mode = r.send(Id.REQUEST_REGISTER_ADDRESS, null, Pair.attribute(Id.THIS_DN, "X"), Pair.attribute(Id.REGISTER_MODE, 1));
            Check.contains(r.refused(mode, 53), "has to be 0 (share) or 2 (monitor)", "mode");
            int sent = r.distribute("CommDN_1", DATA);
            Check.equal(r.next(Id.EVENT_ACK).reference, sent, "reference of EventACK");
            int gone = r.send(Id.REQUEST_UNREGISTER_ADDRESS, null, Pair.attribute(Id.THIS_DN, "CommDN_1"));
            Check.equal(r.next(Id.EVENT_UNREGISTERED).reference, gone, "reference of EventUnregistered");
        }
    }

    /** T-Server's own words, and events that nobody asked for. */
    private static void registeredAgain() throws Exception {
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of(), Running.tserver(t.port())); Relay r = b.relay()) {
            t.answer = (m, c) -> {
                if (m.id != Id.REQUEST_REGISTER_ADDRESS || "CommDN_1".equals(m.text(Id.THIS_DN))) {
                    return false;
                }
                c.send(new Message(Id.EVENT_ERROR, m.reference, Pair.attribute(Id.ERROR_CODE, 128), Pair.attribute(Id.ERROR_MESSAGE, "Bad DN type")));
                return true;
            };
            r.ready("CommDN_1");
            FakeTServer.Connection c = t.next();
            Check.contains(r.refused(r.register("7000"), 128), "Bad DN type", "T-Server's words");
            c.request(Id.REQUEST_REGISTER_ADDRESS);
            for (int id : new int[] {Id.EVENT_LINK_DISCONNECTED, Id.EVENT_PRIMARY_CHANGED, Id.EVENT_SERVER_INFO, Id.EVENT_LINK_CONNECTED}) {
                c.send(new Message(id, 0));
                r.next(id);
            }
            c.request(Id.REQUEST_REGISTER_ADDRESS); // that of 7000
            r.register("CommDN_1");
            r.next(Id.EVENT_REGISTERED);
            Check.equal(c.request(Id.REQUEST_REGISTER_ADDRESS).text(Id.THIS_DN), "CommDN_1", "registered again at T-Server");
            c.event("CommDN_1", DATA);
            Check.equal(r.next(Id.EVENT_USER_EVENT).userData.size(), 2, "pairs");
            c.event("CommDN_1", null);
            Check.that(r.next(Id.EVENT_USER_EVENT).userData == null, "an event without a list");
            byte[] bytes = new byte[256];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) i;
            }
            List<Pair> text = List.of(Pair.bytes(new byte[] {'k', (byte) 0xe9}, Pair.STRING, bytes));
            c.event("CommDN_1", text);
            Check.that(Arrays.equals(r.next(Id.EVENT_USER_EVENT).userData.get(0).bytes(), bytes), "bytes of the site's charset in an event");
            r.distribute("CommDN_1", text);
            r.next(Id.EVENT_ACK);
            Check.that(Arrays.equals(c.request(Id.REQUEST_DISTRIBUTE_USER_EVENT).userData.get(0).bytes(), bytes), "bytes of the site's charset in a request");
            List<Pair> large = List.of(Pair.bytes(new byte[] {'k'}, Pair.BINARY, new byte[65_527]));
            c.event("CommDN_1", large);
            Check.equal(r.next(Id.EVENT_USER_EVENT).userData.get(0).bytes().length, 65_527, "an event of 65,535 bytes");
            r.distribute("CommDN_1", large);
            r.next(Id.EVENT_ACK);
            Check.equal(c.request(Id.REQUEST_DISTRIBUTE_USER_EVENT).userData.get(0).bytes().length, 65_527, "a request of 65,535 bytes");
            c.send(new Message(Id.EVENT_UNREGISTERED, 0, Pair.attribute(Id.THIS_DN, "CommDN_1")));
            Message m = r.next(Id.EVENT_UNREGISTERED);
            Check.equal(m.reference + m.text(Id.THIS_DN), "0CommDN_1", "unregistered unasked");
        }
    }

    private static void habits() throws Exception {
        Map<String, String> habits = Map.of("standin.habits", "null-dn,null-code,null-list,odd-values");
        try (FakeTServer t = new FakeTServer(); Running b = new Running(habits, Running.tserver(t.port())); Relay r = b.relay()) {
            t.answer = (m, c) -> {
                if (m.id != Id.REQUEST_DISTRIBUTE_USER_EVENT) {
                    return false;
                }
                c.send(new Message(Id.EVENT_ERROR, m.reference, Pair.attribute(Id.ERROR_CODE, 41)));
                return true;
            };
            r.ready("CommDN_1");
            FakeTServer.Connection c = t.next();
            c.event("whatever", List.of(Pair.list("l".getBytes(StandardCharsets.US_ASCII), List.of())));
            Message m = r.next(Id.EVENT_USER_EVENT);
            Check.equal(m.text(Id.THIS_DN) + m.userData.get(0).list(), "CommDN_1[]", "an event that names no DN, with a list that is null");
            c.event("whatever", List.of(Pair.attribute("LONG:GSW_PHONE", "555")));
            String text = r.refused(0, 53);
            Check.contains(text, "a user event was dropped: LONG:GSW_PHONE is of the kind LONG", "a value of an unknown kind");
            b.logged("LONG:GSW_PHONE is of the kind LONG");
            Check.contains(r.refused(r.distribute("CommDN_1", DATA), 50), "T-Server gives no text (without a code)", "an error without code and text");
            r.register("CommDN_2");
            r.next(Id.EVENT_REGISTERED);
            Thread.sleep(1100); // one error a second
            c.event("whatever", DATA);
            Check.contains(r.refused(0, 53), "it names no DN, and 2 are registered", "which DN");
        }
    }

    private static void swallowed() throws Exception {
        String wait = "tserver.link_wait=1\n";
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of("standin.habits", "swallow-link"), Running.tserver(t.port()) + wait);
                Relay r = b.relay()) {
            r.ready("CommDN_1");
            b.logged("T-Server says nothing about its link");
        }
    }

    private static void stops() throws Exception {
        try (FakeTServer t = new FakeTServer()) {
            Relay r;
            try (Running b = new Running(Map.of(), Running.tserver(t.port()))) {
                r = b.relay().ready("CommDN_1");
            }
            Check.equal(r.next(Id.EVENT_SERVER_DISCONNECTED).text(Id.ERROR_MESSAGE), "the bridge stops", "at the end");
            r.ended("at the end");
            r.close();
        }
    }
}
