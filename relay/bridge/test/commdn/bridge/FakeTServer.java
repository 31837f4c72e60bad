package commdn.bridge;

import commdn.tlink.Id;
import commdn.tlink.Message;
import commdn.tlink.Pair;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The stand-in's other end where the simulator behaves too well: it answers as it is told. */
final class FakeTServer implements AutoCloseable {
    /** What to do with a request; false is what the fake does by itself. */
    interface Answer {
        boolean to(Message m, Connection c) throws IOException;
    }

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    final BlockingQueue<Connection> connections = new LinkedBlockingQueue<>();
    volatile Answer answer = (m, c) -> false;

    FakeTServer() throws IOException {
        start(() -> {
            while (true) {
                Connection c = new Connection(listener.accept());
                connections.add(c);
                start(c::serve);
            }
        });
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work w) {
        Thread t = new Thread(() -> {
            try {
                w.run();
            } catch (IOException e) {
                // the other side has gone, or the test is over
            }
        });
        t.setDaemon(true);
        t.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    Connection next() throws InterruptedException {
        Connection c = connections.poll(20, TimeUnit.SECONDS);
        Check.that(c != null, "nobody connected to T-Server");
        return c;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Connection c : connections) {
            c.socket.close();
        }
    }

    /** A connection of the stand-in. */
    final class Connection {
        final Socket socket;
        final BlockingQueue<Message> requests = new LinkedBlockingQueue<>();
        private final OutputStream out;

        Connection(Socket socket) throws IOException {
            this.socket = socket;
            this.out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
        }

        void send(Message m) throws IOException {
            synchronized (out) {
                out.write(m.frame());
                out.flush();
            }
        }

        void event(String dn, List<Pair> userData) throws IOException {
            send(new Message(Id.EVENT_USER_EVENT, 0, List.of(Pair.attribute(Id.THIS_DN, dn)), userData));
        }

        void bytes(int... b) throws IOException {
            byte[] all = new byte[b.length];
            for (int i = 0; i < b.length; i++) {
                all[i] = (byte) b[i];
            }
            socket.getOutputStream().write(all);
        }

        Message request(int id) throws InterruptedException {
            while (true) {
                Message m = requests.poll(20, TimeUnit.SECONDS);
                Check.that(m != null, "request " + id + " did not come");
                if (m.id == id) {
                    return m;
                }
            }
        }

        void serve() throws IOException {
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
            for (Message m = Message.read(in, () -> { }); m != null; m = Message.read(in, () -> { })) {
                if (!answer.to(m, this)) {
                    respond(m);
                }
                requests.add(m);
            }
        }

        private void respond(Message m) throws IOException {
            Pair dn = Pair.attribute(Id.THIS_DN, String.valueOf(m.text(Id.THIS_DN)));
            switch (m.id) {
                case Id.REQUEST_REGISTER_CLIENT:
                    send(new Message(Id.EVENT_SERVER_CONNECTED, m.reference));
                    send(new Message(Id.EVENT_LINK_CONNECTED, 0));
                    break;
                case Id.REQUEST_REGISTER_ADDRESS:
                    send(new Message(Id.EVENT_REGISTERED, m.reference, dn));
                    break;
                case Id.REQUEST_UNREGISTER_ADDRESS:
                    send(new Message(Id.EVENT_UNREGISTERED, m.reference, dn));
                    break;
                case Id.KEEP_ALIVE:
                    send(new Message(Id.KEEP_ALIVE_ACK, m.reference));
                    break;
                default:
                    send(new Message(Id.EVENT_ACK, m.reference, dn));
            }
        }
    }
}
