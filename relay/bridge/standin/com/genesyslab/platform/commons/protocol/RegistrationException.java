package com.genesyslab.platform.commons.protocol;

/** Stand-in. */
public class RegistrationException extends ProtocolException {
    private static final long serialVersionUID = 1L;

    public RegistrationException(String message) {
        super(message);
    }
}
