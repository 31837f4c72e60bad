package com.genesyslab.platform.configuration.protocol.types;

import com.genesyslab.platform.commons.GEnum;

/** Stand-in: types of applications. */
public final class CfgAppType extends GEnum {
    public static final CfgAppType CFGTServer = new CfgAppType(1, "CFGTServer");
    public static final CfgAppType CFGCMServer = new CfgAppType(12, "CFGCMServer");
    public static final CfgAppType CFGThirdPartyApp = new CfgAppType(22, "CFGThirdPartyApp");
    public static final CfgAppType CFGThirdPartyServer = new CfgAppType(23, "CFGThirdPartyServer");

    private static final CfgAppType[] ALL = {CFGTServer, CFGCMServer, CFGThirdPartyApp, CFGThirdPartyServer};

    /** Null for a number that is unknown here, as the SDK has it. */
    public static CfgAppType valueOf(int ordinal) {
        return find(ALL, String.valueOf(ordinal));
    }

    /** The stand-in's own: by number or name, as an export has it; null for what is unknown here. */
    public static CfgAppType of(String text) {
        return find(ALL, text);
    }

    private CfgAppType(int ordinal, String name) {
        super(ordinal, name);
    }
}
