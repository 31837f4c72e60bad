package com.genesyslab.platform.commons.protocol;

import com.genesyslab.platform.commons.PlatformException;

/** Stand-in. */
public class ProtocolException extends PlatformException {
    private static final long serialVersionUID = 1L;

    public ProtocolException(String message) {
        super(message);
    }

    public ProtocolException(String message, Throwable cause) {
        super(message, cause);
    }
}
