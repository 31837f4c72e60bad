package com.genesyslab.platform.commons.protocol;

/** Stand-in. */
public class ProtocolTimeoutException extends ProtocolException {
    private static final long serialVersionUID = 1L;

    public ProtocolTimeoutException(String message) {
        super(message);
    }
}
