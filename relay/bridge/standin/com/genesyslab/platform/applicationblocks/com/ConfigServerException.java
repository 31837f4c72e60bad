package com.genesyslab.platform.applicationblocks.com;

import com.genesyslab.platform.configuration.protocol.types.CfgErrorType;

/** Stand-in. */
public class ConfigServerException extends ConfigException {
    private static final long serialVersionUID = 1L;
    private final transient CfgErrorType type;

    public ConfigServerException(CfgErrorType type, String message) {
        super(message);
        this.type = type;
    }

    public final CfgErrorType getErrorType() {
        return type;
    }
}
