package com.genesyslab.platform.applicationblocks.com;

import commdn.standin.Raw;

/** Stand-in. */
public abstract class CfgStructure extends CfgBase {
    protected CfgStructure(Raw raw) {
        super(raw);
    }
}
