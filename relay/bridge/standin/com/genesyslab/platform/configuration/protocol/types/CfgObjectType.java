package com.genesyslab.platform.configuration.protocol.types;

import com.genesyslab.platform.commons.GEnum;

/** Stand-in: types of objects. */
public final class CfgObjectType extends GEnum {
    public static final CfgObjectType CFGSwitch = new CfgObjectType(1, "CFGSwitch");
    public static final CfgObjectType CFGDN = new CfgObjectType(2, "CFGDN");
    public static final CfgObjectType CFGAgentGroup = new CfgObjectType(5, "CFGAgentGroup");
    public static final CfgObjectType CFGPlaceGroup = new CfgObjectType(6, "CFGPlaceGroup");
    public static final CfgObjectType CFGTenant = new CfgObjectType(7, "CFGTenant");
    public static final CfgObjectType CFGApplication = new CfgObjectType(9, "CFGApplication");
    public static final CfgObjectType CFGCampaign = new CfgObjectType(27, "CFGCampaign");
    public static final CfgObjectType CFGCampaignGroup = new CfgObjectType(38, "CFGCampaignGroup");

    private static final CfgObjectType[] ALL = {CFGSwitch, CFGDN, CFGAgentGroup, CFGPlaceGroup, CFGTenant, CFGApplication, CFGCampaign, CFGCampaignGroup};

    /** Null for a number that is unknown here, as the SDK has it. */
    public static CfgObjectType valueOf(int ordinal) {
        return find(ALL, String.valueOf(ordinal));
    }

    private CfgObjectType(int ordinal, String name) {
        super(ordinal, name);
    }
}
