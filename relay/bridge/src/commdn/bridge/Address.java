package commdn.bridge;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;

/** Where to listen: host:port, or unix:/path. */
final class Address {
    final Path path; // null of host:port
    final String host; // empty is everywhere
    final int port;

    private Address(Path path, String host, int port) {
        this.path = path;
        this.host = host;
        this.port = port;
    }

    static Address parse(String text) {
        if (text.startsWith("unix:")) {
            Path path = Path.of(text.substring("unix:".length()));
            if (!path.isAbsolute()) {
                throw new IllegalArgumentException("the path of a Unix socket begins with /");
            }
            return new Address(path, null, 0);
        }
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("it has to be host:port or unix:/path");
        }
        String host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("an IPv6 address stands in brackets: [::1]:7000");
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port >= 0 && port <= 65_535) {
                return new Address(null, host, port);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException("the port has to be a number from 0 to 65535");
    }

    /** Whether the host can be resolved. */
    boolean isKnown() {
        return path != null || host.isEmpty() || resolved() != null;
    }

    /** Whether only this machine reaches it. A name that cannot be resolved is not. */
    boolean isLocal() {
        if (path != null) {
            return true;
        }
        InetAddress found = host.isEmpty() ? null : resolved();
        return found != null && found.isLoopbackAddress();
    }

    private InetAddress resolved() {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            return null;
        }
    }

    /** The same with the port that was found for port 0. */
    Address withPort(int found) {
        return new Address(path, host, found);
    }

    @Override
    public String toString() {
        if (path != null) {
            return "unix:" + path;
        }
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
