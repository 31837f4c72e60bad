package com.genesyslab.platform.configuration.protocol.types;

import com.genesyslab.platform.commons.GEnum;

/** Stand-in: states of objects. */
public final class CfgObjectState extends GEnum {
    public static final CfgObjectState CFGEnabled = new CfgObjectState(1, "CFGEnabled");
    public static final CfgObjectState CFGDisabled = new CfgObjectState(2, "CFGDisabled");
    public static final CfgObjectState CFGDeleted = new CfgObjectState(3, "CFGDeleted");

    private static final CfgObjectState[] ALL = {CFGEnabled, CFGDisabled, CFGDeleted};

    /** Null for a number that is unknown here, as the SDK has it. */
    public static CfgObjectState valueOf(int ordinal) {
        return find(ALL, String.valueOf(ordinal));
    }

    /** The stand-in's own: by number or name, as an export has it; null for what is unknown here. */
    public static CfgObjectState of(String text) {
        return find(ALL, text);
    }

    private CfgObjectState(int ordinal, String name) {
        super(ordinal, name);
    }
}
