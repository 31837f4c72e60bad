package com.genesyslab.platform.applicationblocks.com.objects;

import com.genesyslab.platform.applicationblocks.com.CfgObject;
import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.configuration.protocol.types.CfgDNType;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectState;
import commdn.standin.Raw;

/** Stand-in. */
public final class CfgDN extends CfgObject {
    CfgDN(Raw raw) {
        super(raw);
    }

    public final Integer getDBID() {
        return integer("DBID");
    }

    public final String getNumber() {
        return text("number");
    }

    public final CfgDNType getType() {
        return raw().get("type").enumeration(CfgDNType::of);
    }

    public final Integer getSwitchDBID() {
        return integer("switchDBID");
    }

    public final Integer getTenantDBID() {
        return integer("tenantDBID");
    }

    public final CfgObjectState getState() {
        return raw().get("state").enumeration(CfgObjectState::of);
    }

    public final KeyValueCollection getUserProperties() {
        return raw().get("userProperties").sections();
    }
}
