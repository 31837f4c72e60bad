package commdn.bridge;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * An accepted connection: TCP, TLS over it, or a Unix socket. One thread reads
 * and another one writes.
 */
interface Wire extends Closeable {
    /** Finishes what has to be done before the first byte, in the thread of the connection. */
    void start() throws IOException;

    InputStream in() throws IOException;

    OutputStream out() throws IOException;

    /** Ends the connection at once, also while another thread reads or writes. */
    @Override
    void close();

    /** The other side, for logs. */
    String name();

    static Wire tcp(Socket socket, SSLContext tls) throws IOException {
        return new Tcp(socket, tls);
    }

    static Wire unix(SocketChannel channel, String name) {
        return new Unix(channel, name);
    }

    /** The plain socket is kept, as its close waits for nobody; that of an SSLSocket may wait for a writer. */
    final class Tcp implements Wire {
        private final Socket plain;
        private final Socket used;

        private Tcp(Socket plain, SSLContext tls) throws IOException {
            this.plain = plain;
            if (tls == null) {
                used = plain;
                return;
            }
            SSLSocket secure = (SSLSocket) tls.getSocketFactory().createSocket(plain, null, true);
            secure.setUseClientMode(false);
            secure.setNeedClientAuth(true);
            secure.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
            used = secure;
        }

        @Override
        public void start() throws IOException {
            if (used instanceof SSLSocket) {
                ((SSLSocket) used).startHandshake();
            }
        }

        @Override
        public InputStream in() throws IOException {
            return used.getInputStream();
        }

        @Override
        public OutputStream out() throws IOException {
            return used.getOutputStream();
        }

        @Override
        public void close() {
            try {
                plain.close();
            } catch (IOException e) {
                Log.debug("closing failed", "peer", name(), "err", e);
            }
        }

        @Override
        public String name() {
            return String.valueOf(plain.getRemoteSocketAddress()).replaceFirst("^[^/]*/", "");
        }
    }

    /** Streams of its own: those of Channels make a reader and a writer wait for each other. */
    final class Unix implements Wire {
        private final SocketChannel channel;
        private final String name;

        private Unix(SocketChannel channel, String name) {
            this.channel = channel;
            this.name = name;
        }

        @Override
        public void start() {
            // nothing is to be done
        }

        @Override
        public InputStream in() {
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] b, int off, int len) throws IOException {
                    return len == 0 ? 0 : channel.read(ByteBuffer.wrap(b, off, len));
                }
            };
        }

        @Override
        public OutputStream out() {
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] b, int off, int len) throws IOException {
                    ByteBuffer left = ByteBuffer.wrap(b, off, len);
                    while (left.hasRemaining()) {
                        channel.write(left);
                    }
                }
            };
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                Log.debug("closing failed", "peer", name, "err", e);
            }
        }

        @Override
        public String name() {
            return name;
        }
    }
}
