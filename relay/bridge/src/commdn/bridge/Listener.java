package commdn.bridge;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import jdk.net.ExtendedSocketOptions;

/** Accepts connections on an Address, in a thread of its own. */
final class Listener implements Closeable {
    /** Gives one connection after the other; fails once the listener is closed. */
    private interface Accept {
        Wire next() throws IOException;
    }

    private final Address address;
    private final Closeable socket;
    private final Accept accept;
    private volatile boolean closed;

    private Listener(Address address, Closeable socket, Accept accept) {
        this.address = address;
        this.socket = socket;
        this.accept = accept;
    }

    /** Binds. tls is null for a plain connection; a Unix socket is always one. */
    static Listener bind(Address a, Supplier<SSLContext> tls) throws IOException {
        return a.path == null ? tcp(a, tls) : unix(a);
    }

    /** Where it listens: a port 0 has become the one that was found. */
    Address address() {
        return address;
    }

    /** Hands each connection over; the consumer may not take its time. */
    void start(String name, Consumer<Wire> each) {
        Thread t = new Thread(() -> run(each), name);
        t.start();
    }

    private void run(Consumer<Wire> each) {
        while (!closed) {
            try {
                each.accept(accept.next());
            } catch (IOException e) {
                if (!closed) {
                    Log.error("accepting a connection failed", "address", address, "err", e);
                    pause();
                }
            } catch (OutOfMemoryError e) {
                pause(); // as in Ticker
            }
        }
    }

    /** Out of descriptors: accepting again at once would only fail again. */
    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        socket.close();
        if (address.path != null) {
            Files.deleteIfExists(address.path);
        }
    }

    private static Listener tcp(Address a, Supplier<SSLContext> tls) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        try {
            server.bind(a.host.isEmpty() ? new InetSocketAddress(a.port) : new InetSocketAddress(InetAddress.getByName(a.host), a.port));
        } catch (IOException e) {
            server.close();
            throw new IOException("cannot listen on " + a + ": " + e.getMessage(), e);
        }
        return new Listener(a.withPort(server.getLocalPort()), server, () -> {
            Socket s = server.accept();
            try {
                s.setTcpNoDelay(true);
                s.setKeepAlive(true);
                keepAlive(s, ExtendedSocketOptions.TCP_KEEPIDLE, 10);
                keepAlive(s, ExtendedSocketOptions.TCP_KEEPINTERVAL, 5);
                keepAlive(s, ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
                return Wire.tcp(s, tls == null ? null : tls.get());
            } catch (IOException e) {
                s.close();
                throw e;
            }
        });
    }

    private static void keepAlive(Socket s, SocketOption<Integer> option, int value) throws IOException {
        if (s.supportedOptions().contains(option)) {
            s.setOption(option, value);
        }
    }

    /** Java 16 has Unix sockets; this is compiled for 11, so it asks at run time. */
    private static Listener unix(Address a) throws IOException {
        ServerSocketChannel server = null;
        try {
            ProtocolFamily family = StandardProtocolFamily.valueOf("UNIX");
            SocketAddress at = (SocketAddress) Class.forName("java.net.UnixDomainSocketAddress")
                .getMethod("of", Path.class).invoke(null, a.path);
            removeStale(a.path, family, at);
            server = (ServerSocketChannel) ServerSocketChannel.class.getMethod("open", ProtocolFamily.class).invoke(null, family);
            server.bind(at);
            Files.setPosixFilePermissions(a.path, PosixFilePermissions.fromString("rw-rw----"));
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            throw new IOException("cannot listen on " + a + ": this needs Java 16 or later, and this is Java "
                + System.getProperty("java.version") + "; listen on a loopback address instead", e);
        } catch (IOException e) {
            if (server != null) {
                server.close();
            }
            throw new IOException("cannot listen on " + a + ": " + e.getMessage(), e);
        }
        ServerSocketChannel open = server;
        return new Listener(a, open, () -> Wire.unix(open.accept(), a.toString()));
    }

    /** Removes what a bridge that has died has left; one that lives answers. */
    private static void removeStale(Path path, ProtocolFamily family, SocketAddress at) throws IOException, ReflectiveOperationException {
        if (!Files.exists(path)) {
            return;
        }
        if (Files.isRegularFile(path) || Files.isDirectory(path)) {
            throw new IOException("there is a file or folder in its place");
        }
        try (SocketChannel c = (SocketChannel) SocketChannel.class.getMethod("open", ProtocolFamily.class).invoke(null, family)) {
            c.connect(at);
        } catch (IOException nobody) {
            Files.delete(path);
            return;
        }
        throw new IOException("another process listens there");
    }
}
