package com.genesyslab.platform.configuration.protocol.utilities;

import com.genesyslab.platform.configuration.protocol.types.CfgErrorType;

/** Stand-in. */
public final class CfgErrorCode {
    private final CfgErrorType type;

    public CfgErrorCode(CfgErrorType type) {
        this.type = type;
    }

    public CfgErrorType getErrorType() {
        return type;
    }
}
