package com.genesyslab.platform.applicationblocks.com;

import commdn.standin.Raw;

/** Stand-in. */
public abstract class CfgObject extends CfgBase implements ICfgObject {
    protected CfgObject(Raw raw) {
        super(raw);
    }
}
