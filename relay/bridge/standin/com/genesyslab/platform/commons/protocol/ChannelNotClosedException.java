package com.genesyslab.platform.commons.protocol;

/** Stand-in. */
public class ChannelNotClosedException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    public ChannelNotClosedException(String message) {
        super(message);
    }
}
