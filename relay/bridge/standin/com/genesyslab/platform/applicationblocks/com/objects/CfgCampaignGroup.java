package com.genesyslab.platform.applicationblocks.com.objects;

import com.genesyslab.platform.applicationblocks.com.CfgObject;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectState;
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

    public final Collection<Integer> getServerDBIDs() {
        return raw().get("serverDBIDs").integers("CfgServer", "serverDBID");
    }

    public final CfgObjectState getState() {
        return raw().get("state").enumeration(CfgObjectState::of);
    }
}
