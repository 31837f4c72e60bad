package com.genesyslab.platform.commons.protocol;

/** Stand-in. */
public class ChannelClosedOnSendException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public ChannelClosedOnSendException(String message) {
        super(message);
    }
}
