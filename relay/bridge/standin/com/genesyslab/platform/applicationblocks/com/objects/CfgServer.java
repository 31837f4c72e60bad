package com.genesyslab.platform.applicationblocks.com.objects;

import com.genesyslab.platform.applicationblocks.com.CfgStructure;
import commdn.standin.Raw;

/** Stand-in. */
public final class CfgServer extends CfgStructure {
    CfgServer(Raw raw) {
        super(raw);
    }

    public final Integer getBackupServerDBID() {
        return integer("backupServerDBID");
    }
}
