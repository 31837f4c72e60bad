package com.genesyslab.platform.applicationblocks.com.objects;

import com.genesyslab.platform.applicationblocks.com.CfgObject;
import commdn.standin.Raw;

/** Stand-in. */
public final class CfgAgentGroup extends CfgObject {
    CfgAgentGroup(Raw raw) {
        super(raw);
    }

    public final Integer getDBID() {
        return raw().group().get("DBID").integer();
    }

    public final CfgGroup getGroupInfo() {
        return new CfgGroup(raw().group());
    }
}
