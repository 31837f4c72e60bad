package com.genesyslab.platform.applicationblocks.com;

import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;

/** Stand-in. */
public class NotificationQuery {
    private CfgObjectType type;

    public void setObjectType(CfgObjectType type) {
        this.type = type;
    }

    public CfgObjectType getObjectType() {
        return type;
    }
}
