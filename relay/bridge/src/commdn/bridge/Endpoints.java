package commdn.bridge;

import com.genesyslab.platform.commons.connection.configuration.ClientADDPOptions.AddpTraceMode;
import com.genesyslab.platform.commons.connection.configuration.PropertyConfiguration;
import com.genesyslab.platform.commons.connection.tls.SSLExtendedOptions;
import com.genesyslab.platform.commons.protocol.Endpoint;
import java.io.IOException;

/** How the SDK reaches a server. */
final class Endpoints {
    private Endpoints() {
    }

    /** The endpoint of the server, or of its backup with i = 1. */
    static Endpoint of(Config.Server s, int i) throws IOException {
        PropertyConfiguration c = new PropertyConfiguration();
        if (s.charset != null) {
            c.setStringsEncoding(s.charset.name());
        }
        c.setUseAddp(s.addpLocal > 0 || s.addpRemote > 0);
        if (s.addpLocal > 0) {
            c.setAddpClientTimeout(s.addpLocal);
        }
        if (s.addpRemote > 0) {
            c.setAddpServerTimeout(s.addpRemote);
        }
        c.setAddpTraceMode(trace(s.addpTrace));
        if (!s.tls) {
            return new Endpoint(s.what, s.hosts.get(i), s.ports.get(i), c);
        }
        SSLExtendedOptions none = null;
        return new Endpoint(s.what, s.hosts.get(i), s.ports.get(i), c, true, Pem.context(s.pem), none);
    }

    private static AddpTraceMode trace(String name) {
        switch (name) {
            case "LOCAL":
                return AddpTraceMode.Local;
            case "REMOTE":
                return AddpTraceMode.Remote;
            case "BOTH":
                return AddpTraceMode.Both;
            default:
                return AddpTraceMode.None;
        }
    }
}
