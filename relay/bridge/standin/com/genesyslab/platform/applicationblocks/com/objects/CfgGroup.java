package com.genesyslab.platform.applicationblocks.com.objects;

import com.genesyslab.platform.applicationblocks.com.CfgStructure;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectState;
import commdn.standin.Raw;

/** Stand-in. */
public final class CfgGroup extends CfgStructure {
    CfgGroup(Raw raw) {
        super(raw);
    }

    public final String getName() {
        return text("name");
    }

    public final Integer getTenantDBID() {
        return integer("tenantDBID");
    }

    public final CfgObjectState getState() {
        return raw().get("state").enumeration(CfgObjectState::of);
    }
}
