package com.genesyslab.platform.commons.protocol;

import com.genesyslab.platform.commons.connection.configuration.ConnectionConfiguration;
import com.genesyslab.platform.commons.connection.tls.SSLExtendedOptions;
import javax.net.ssl.SSLContext;

/** Stand-in: where a server is, and how it is reached. */
public class Endpoint {
    private final String name;
    private final String host;
    private final int port;
    private final ConnectionConfiguration configuration;
    private final SSLContext tls;

    public Endpoint(String name, String host, int port, ConnectionConfiguration configuration) {
        this(name, host, port, configuration, false, null, null);
    }

    public Endpoint(String name, String host, int port, ConnectionConfiguration configuration, boolean tlsEnabled, SSLContext context,
            SSLExtendedOptions options) {
        this.name = name;
        this.host = host;
        this.port = port;
        this.configuration = configuration;
        this.tls = tlsEnabled ? context : null;
    }

    public String getName() {
        return name;
    }

    public String getHost() {
        return host;
    }

    public int getPort() {
        return port;
    }

    public ConnectionConfiguration getConfiguration() {
        return configuration;
    }

    /** Null without TLS; the stand-in's own. */
    public SSLContext tls() {
        return tls;
    }
}
