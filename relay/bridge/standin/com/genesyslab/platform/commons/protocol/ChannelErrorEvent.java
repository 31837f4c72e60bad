package com.genesyslab.platform.commons.protocol;

import java.util.EventObject;

/** Stand-in. */
public class ChannelErrorEvent extends EventObject {
    private static final long serialVersionUID = 1L;
    private final transient Throwable cause;

    ChannelErrorEvent(Object source, Throwable cause) {
        super(source);
        this.cause = cause;
    }

    /** Null where the connection was closed by this side. */
    public Throwable getCause() {
        return cause;
    }
}
