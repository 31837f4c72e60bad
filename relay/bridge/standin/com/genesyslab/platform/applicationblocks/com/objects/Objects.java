package com.genesyslab.platform.applicationblocks.com.objects;

import com.genesyslab.platform.applicationblocks.com.CfgObject;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;
import commdn.standin.Raw;

/** The stand-in's own: makes objects, which nobody else can. */
public final class Objects {
    private Objects() {
    }

    /** The object of a type. */
    public static CfgObject of(CfgObjectType type, Raw raw) {
        switch (type.name()) {
            case "CFGApplication":
                return new CfgApplication(raw);
            case "CFGTenant":
                return new CfgTenant(raw);
            case "CFGSwitch":
                return new CfgSwitch(raw);
            case "CFGDN":
                return new CfgDN(raw);
            case "CFGAgentGroup":
                return new CfgAgentGroup(raw);
            case "CFGPlaceGroup":
                return new CfgPlaceGroup(raw);
            case "CFGCampaign":
                return new CfgCampaign(raw);
            default:
                return new CfgCampaignGroup(raw);
        }
    }
}
