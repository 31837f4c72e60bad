package com.genesyslab.platform.applicationblocks.com.objects;

import com.genesyslab.platform.applicationblocks.com.CfgStructure;
import commdn.standin.Raw;

/** Stand-in. */
public final class CfgConnInfo extends CfgStructure {
    CfgConnInfo(Raw raw) {
        super(raw);
    }

    public final Integer getAppServerDBID() {
        return integer("appServerDBID");
    }
}
