package com.genesyslab.platform.applicationblocks.com.objects;

import com.genesyslab.platform.applicationblocks.com.CfgObject;
import com.genesyslab.platform.configuration.protocol.types.CfgDialMode;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectState;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;
import com.genesyslab.platform.configuration.protocol.types.CfgOptimizationMethod;
import commdn.standin.Raw;
import java.util.Collection;

/** Stand-in. */
public final class CfgCampaignGroup extends CfgObject {
    CfgCampaignGroup(Raw raw) {
        super(raw);
    }

    public final Integer getDBID() {
        return integer("DBID");
    }

    public final Integer getCampaignDBID() {
        return integer("campaignDBID");
    }

    public final Integer getGroupDBID() {
        return integer("groupDBID");
    }

    public final CfgObjectType getGroupType() {
        return raw().get("groupType").enumeration(CfgObjectType::of);
    }

    public final Integer getTenantDBID() {
        return integer("tenantDBID");
    }

    public final Collection<Integer> getServerDBIDs() {
        return raw().get("serverDBIDs").integers("CfgServer", "serverDBID");
    }

    public final CfgDialMode getDialMode() {
        return raw().get("dialMode").enumeration(CfgDialMode::of);
    }

    public final CfgOptimizationMethod getOptMethod() {
        return raw().get("optMethod").enumeration(CfgOptimizationMethod::of);
    }

    public final Integer getOptMethodValue() {
        return integer("optMethodValue");
    }

    public final CfgObjectState getState() {
        return raw().get("state").enumeration(CfgObjectState::of);
    }
}
