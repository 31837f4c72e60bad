package commdn.bridge;

import commdn.tlink.Id;
import commdn.tlink.Pair;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Who has a place among tlink.max_clients, for how long, and that nobody keeps others out or takes more. */
final class PlacesTest {
    public static void main(String[] args) throws Exception {
        nothingButConnections();
        manySlowRelays();
        goneWhileConnecting();
        Check.done(PlacesTest.class);
    }

    /** Connections on which nothing is asked keep no relay out, and harm none that is there. */
    private static void nothingButConnections() throws Exception {
        List<Socket> idle = new ArrayList<>();
        try (FakeTServer t = new FakeTServer(); Running b = new Running(Map.of(), Running.tserver(t.port())); Relay before = b.relay()) {
            before.ready("CommDN_1");
            for (int i = 0; i < 100; i++) {
                idle.add(Running.connect(b.tlink));
            }
            try (Relay after = b.relay()) {
                after.ready("CommDN_1");
                after.distribute("CommDN_1", null);
                after.next(Id.EVENT_ACK);
            }
            before.distribute("CommDN_1", null);
            before.next(Id.EVENT_ACK);
            b.logged("it has asked nothing, and others wait");
        } finally {
            for (Socket s : idle) {
                s.close();
            }
        }
    }

    /** As many as may connect, and all queues as large as they may be: the heap that T-Server's side needs holds them. */
    private static void manySlowRelays() throws Exception {
        final int most = 16;
        List<Pair> data = List.of(Pair.bytes(new byte[] {'k'}, Pair.BINARY, new byte[60_000]));
        List<Relay> slow = new ArrayList<>();
        List<FakeTServer.Connection> ofSlow = new ArrayList<>();
        try (FakeTServer t = new FakeTServer(); Running b = new Running(128, Map.of(), Running.tserver(t.port())); Relay good = b.relay()) {
            good.ready("CommDN_1");
            FakeTServer.Connection ofGood = t.next();
            while (slow.size() < most - 1) {
                slow.add(b.relay().ready("CommDN_1"));
                ofSlow.add(t.next());
            }
            try (Relay tooMany = b.relay()) {
                tooMany.registerClient();
                Check.equal(tooMany.next(Id.EVENT_SERVER_DISCONNECTED).text(Id.ERROR_MESSAGE),
                    "the bridge has 16 connections of relays already (tlink.max_clients)", "one relay more than tlink.max_clients");
                tooMany.ended("after it");
            }
            for (int i = 0; i < 400 && !ofSlow.isEmpty(); i++) {
                for (FakeTServer.Connection c : List.copyOf(ofSlow)) {
                    try {
                        c.event("CommDN_1", data);
                    } catch (java.io.IOException e) {
                        ofSlow.remove(c); // dropped, and its connection to T-Server with it
                    }
                }
                ofGood.event("CommDN_1", data);
                good.next(Id.EVENT_USER_EVENT);
            }
            Check.that(ofSlow.isEmpty(), ofSlow.size() + " relays that read nothing are still connected");
            good.distribute("CommDN_1", data);
            good.next(Id.EVENT_ACK);
        } finally {
            for (Relay r : slow) {
                r.close();
            }
        }
    }

    /** Relays that come and go while T-Server is silent: each keeps its place until the SDK has given up, and no other server is tried for it. */
    private static void goneWhileConnecting() throws Exception {
        final int most = 4;
        String config = "tlink.max_clients=" + most + "\ntserver.open_timeout=600\n";
        try (FakeTServer t = new FakeTServer(); FakeTServer backup = new FakeTServer();
                Running b = new Running(Map.of(), Running.tserver(t.port(), backup.port()) + config)) {
            t.answer = (m, c) -> true;
            List<FakeTServer.Connection> opening = new ArrayList<>();
            while (opening.size() < most) {
                try (Relay r = b.relay()) {
                    r.registerClient();
                    opening.add(t.next());
                }
            }
            b.logged("relay disconnected", most);
            for (int i = 0; i < 30; i++) {
                try (Relay r = b.relay()) {
                    r.registerClient();
                    Check.contains(r.next(Id.EVENT_SERVER_DISCONNECTED).text(Id.ERROR_MESSAGE), "the bridge has 4 connections", "while T-Server is silent");
                }
            }
            Check.equal(t.connections.size(), 0, "connections to T-Server beyond tlink.max_clients");
            t.answer = (m, c) -> false;
            for (FakeTServer.Connection c : opening) {
                c.socket.close();
            }
            ready(b);
            Check.equal(backup.connections.size(), 0, "connections for relays that have gone");
        }
    }

    /** Asks again until there is a place. */
    private static void ready(Running b) throws Exception {
        for (int i = 0; i < 400; i++) {
            try (Relay r = b.relay()) {
                r.registerClient();
                if (r.next().id == Id.EVENT_SERVER_CONNECTED) {
                    return;
                }
            }
            Thread.sleep(50);
        }
        throw new AssertionError("no place becomes free:\n" + b.log());
    }
}
