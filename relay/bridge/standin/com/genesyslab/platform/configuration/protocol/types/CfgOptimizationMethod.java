package com.genesyslab.platform.configuration.protocol.types;

import com.genesyslab.platform.commons.GEnum;

/** Stand-in: optimization methods. */
public final class CfgOptimizationMethod extends GEnum {
    public static final CfgOptimizationMethod CFGOMNoOptimizationMethod = new CfgOptimizationMethod(0, "CFGOMNoOptimizationMethod");
    public static final CfgOptimizationMethod CFGOMBusyFactor = new CfgOptimizationMethod(1, "CFGOMBusyFactor");
    public static final CfgOptimizationMethod CFGOMOverdialRate = new CfgOptimizationMethod(2, "CFGOMOverdialRate");
    public static final CfgOptimizationMethod CFGOMWaitTime = new CfgOptimizationMethod(3, "CFGOMWaitTime");
    public static final CfgOptimizationMethod CFGOMDistributionTime = new CfgOptimizationMethod(4, "CFGOMDistributionTime");
    public static final CfgOptimizationMethod CFGOMMaximumGain = new CfgOptimizationMethod(5, "CFGOMMaximumGain");

    private static final CfgOptimizationMethod[] ALL = {CFGOMNoOptimizationMethod, CFGOMBusyFactor, CFGOMOverdialRate, CFGOMWaitTime, CFGOMDistributionTime, CFGOMMaximumGain};

    /** Null for a number that is unknown here, as the SDK has it. */
    public static CfgOptimizationMethod valueOf(int ordinal) {
        return find(ALL, String.valueOf(ordinal));
    }

    /** The stand-in's own: by number or name, as an export has it; null for what is unknown here. */
    public static CfgOptimizationMethod of(String text) {
        return find(ALL, text);
    }

    private CfgOptimizationMethod(int ordinal, String name) {
        super(ordinal, name);
    }
}
