package com.genesyslab.platform.applicationblocks.com;

import commdn.standin.Raw;

/** Stand-in: something that was read from the export. */
public abstract class CfgBase implements ICfgBase {
    private final Raw raw;

    protected CfgBase(Raw raw) {
        this.raw = raw;
    }

    protected final Integer integer(String key) {
        return raw.get(key).integer();
    }

    protected final String text(String key) {
        return raw.get(key).text();
    }

    protected final Raw raw() {
        return raw;
    }
}
