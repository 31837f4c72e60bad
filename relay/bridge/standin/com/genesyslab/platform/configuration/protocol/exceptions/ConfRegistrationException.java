package com.genesyslab.platform.configuration.protocol.exceptions;

import com.genesyslab.platform.commons.protocol.RegistrationException;
import com.genesyslab.platform.configuration.protocol.utilities.CfgErrorCode;

/** Stand-in. */
public class ConfRegistrationException extends RegistrationException {
    private static final long serialVersionUID = 1L;
    private final transient CfgErrorCode code;
    private final String description;

    public ConfRegistrationException(CfgErrorCode code, String description) {
        super("Registration failed");
        this.code = code;
        this.description = description;
    }

    /** Null where the server gave none. */
    public CfgErrorCode getErrorCode() {
        return code;
    }

    public String getErrorDescription() {
        return description;
    }
}
