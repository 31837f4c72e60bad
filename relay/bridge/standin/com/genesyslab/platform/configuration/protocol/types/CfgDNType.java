package com.genesyslab.platform.configuration.protocol.types;

import com.genesyslab.platform.commons.GEnum;

/** Stand-in: types of DNs. */
public final class CfgDNType extends GEnum {
    public static final CfgDNType CFGCommDN = new CfgDNType(23, "CFGCommDN");

    private static final CfgDNType[] ALL = {CFGCommDN};

    /** Null for a number that is unknown here, as the SDK has it. */
    public static CfgDNType valueOf(int ordinal) {
        return find(ALL, String.valueOf(ordinal));
    }

    /** The stand-in's own: by number or name, as an export has it; null for what is unknown here. */
    public static CfgDNType of(String text) {
        return find(ALL, text);
    }

    private CfgDNType(int ordinal, String name) {
        super(ordinal, name);
    }
}
