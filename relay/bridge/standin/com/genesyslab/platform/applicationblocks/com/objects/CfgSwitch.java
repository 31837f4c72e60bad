package com.genesyslab.platform.applicationblocks.com.objects;

import com.genesyslab.platform.applicationblocks.com.CfgObject;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectState;
import commdn.standin.Raw;

/** Stand-in. */
public final class CfgSwitch extends CfgObject {
    CfgSwitch(Raw raw) {
        super(raw);
    }

    public final Integer getDBID() {
        return integer("DBID");
    }

    public final String getName() {
        return text("name");
    }

    public final Integer getTServerDBID() {
        return integer("TServerDBID");
    }

    public final CfgObjectState getState() {
        return raw().get("state").enumeration(CfgObjectState::of);
    }
}
