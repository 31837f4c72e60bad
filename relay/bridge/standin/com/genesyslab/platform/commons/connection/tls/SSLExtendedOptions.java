package com.genesyslab.platform.commons.connection.tls;

/** Stand-in: nobody makes one. */
public final class SSLExtendedOptions {
    private SSLExtendedOptions() {
    }
}
