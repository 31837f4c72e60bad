package com.genesyslab.platform.configuration.protocol.types;

import com.genesyslab.platform.commons.GEnum;

/** Stand-in: dialing modes. */
public final class CfgDialMode extends GEnum {
    public static final CfgDialMode CFGDMNoDialMode = new CfgDialMode(0, "CFGDMNoDialMode");
    public static final CfgDialMode CFGDMPredict = new CfgDialMode(1, "CFGDMPredict");
    public static final CfgDialMode CFGDMProgress = new CfgDialMode(2, "CFGDMProgress");
    public static final CfgDialMode CFGDMPreview = new CfgDialMode(3, "CFGDMPreview");
    public static final CfgDialMode CFGDMProgressAndSeize = new CfgDialMode(4, "CFGDMProgressAndSeize");
    public static final CfgDialMode CFGDMPredictAndSeize = new CfgDialMode(5, "CFGDMPredictAndSeize");
    public static final CfgDialMode CFGDMPower = new CfgDialMode(6, "CFGDMPower");
    public static final CfgDialMode CFGDMPowerAndSeize = new CfgDialMode(7, "CFGDMPowerAndSeize");
    public static final CfgDialMode CFGDMPushPreview = new CfgDialMode(8, "CFGDMPushPreview");
    public static final CfgDialMode CFGDMProgressGVP = new CfgDialMode(9, "CFGDMProgressGVP");
    public static final CfgDialMode CFGDMPredictGVP = new CfgDialMode(10, "CFGDMPredictGVP");
    public static final CfgDialMode CFGDMPowerGVP = new CfgDialMode(11, "CFGDMPowerGVP");

    private static final CfgDialMode[] ALL = {CFGDMNoDialMode, CFGDMPredict, CFGDMProgress, CFGDMPreview, CFGDMProgressAndSeize, CFGDMPredictAndSeize, CFGDMPower, CFGDMPowerAndSeize, CFGDMPushPreview, CFGDMProgressGVP, CFGDMPredictGVP, CFGDMPowerGVP};

    /** Null for a number that is unknown here, as the SDK has it. */
    public static CfgDialMode valueOf(int ordinal) {
        return find(ALL, String.valueOf(ordinal));
    }

    /** The stand-in's own: by number or name, as an export has it; null for what is unknown here. */
    public static CfgDialMode of(String text) {
        return find(ALL, text);
    }

    private CfgDialMode(int ordinal, String name) {
        super(ordinal, name);
    }
}
