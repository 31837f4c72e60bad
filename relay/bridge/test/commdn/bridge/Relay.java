package commdn.bridge;

import commdn.tlink.Id;
import commdn.tlink.Message;
import commdn.tlink.Pair;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.List;

/** What a relay does on tlink, and what it should not do. */
final class Relay implements AutoCloseable {
    final Socket socket;
    final DataInputStream in;
    private int last;

    Relay(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(20_000);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    int send(int id, List<Pair> userData, Pair... attributes) throws IOException {
        last++;
        socket.getOutputStream().write(new Message(id, last, List.of(attributes), userData).frame());
        return last;
    }

    /** The next message; null at the end of the connection. */
    Message next() throws IOException {
        return Message.read(in, () -> { });
    }

    Message next(int id) throws IOException {
        Message m = next();
        Check.that(m != null, "the connection ended in place of message " + id);
        Check.equal(m.id, id, "message (" + m.text(Id.ERROR_MESSAGE) + ")");
        return m;
    }

    /** Reads on until a message with this number. */
    Message await(int id) throws IOException {
        while (true) {
            Message m = next();
            Check.that(m != null, "the connection ended before message " + id);
            if (m.id == id) {
                return m;
            }
        }
    }

    /** The EventError that answers a request. */
    String refused(int reference, int code) throws IOException {
        Message m = next(Id.EVENT_ERROR);
        Check.equal(m.reference, reference, "reference id");
        Check.equal(m.number(Id.ERROR_CODE), code, "code of " + m.text(Id.ERROR_MESSAGE));
        return m.text(Id.ERROR_MESSAGE);
    }

    void ended(String what) throws IOException {
        try {
            Message m = next();
            Check.that(m == null, what + ": message " + (m == null ? 0 : m.id) + " in place of the end");
        } catch (java.net.SocketException e) {
            // reset: bytes of ours were not read
        }
    }

    int registerClient() throws IOException {
        return send(Id.REQUEST_REGISTER_CLIENT, null, Pair.attribute(Id.APPLICATION_NAME, "commdn"));
    }

    int register(String dn) throws IOException {
        return send(Id.REQUEST_REGISTER_ADDRESS, null, Pair.attribute(Id.THIS_DN, dn));
    }

    int distribute(String dn, List<Pair> userData) throws IOException {
        return send(Id.REQUEST_DISTRIBUTE_USER_EVENT, userData, Pair.attribute(Id.THIS_DN, dn));
    }

    /** Goes as far as EventRegistered of a DN. */
    Relay ready(String dn) throws IOException {
        registerClient();
        next(Id.EVENT_SERVER_CONNECTED);
        next(Id.EVENT_LINK_CONNECTED);
        register(dn);
        Check.equal(next(Id.EVENT_REGISTERED).text(Id.THIS_DN), dn, "DN");
        return this;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
