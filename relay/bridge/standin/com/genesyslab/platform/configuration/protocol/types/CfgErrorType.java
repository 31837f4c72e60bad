package com.genesyslab.platform.configuration.protocol.types;

import com.genesyslab.platform.commons.GEnum;

/** Stand-in: errors of Configuration Server; the numbers are made up. */
public final class CfgErrorType extends GEnum {
    public static final CfgErrorType CFGLoginIncorrect = new CfgErrorType(1, "CFGLoginIncorrect");
    public static final CfgErrorType CFGAppSecurityViolation = new CfgErrorType(2, "CFGAppSecurityViolation");
    public static final CfgErrorType CFGAccessDenied = new CfgErrorType(3, "CFGAccessDenied");

    private static final CfgErrorType[] ALL = {CFGLoginIncorrect, CFGAppSecurityViolation, CFGAccessDenied};

    /** Null for a number that is unknown here, as the SDK has it. */
    public static CfgErrorType valueOf(int ordinal) {
        return find(ALL, String.valueOf(ordinal));
    }

    /** The stand-in's own: by number or name, as an export has it; null for what is unknown here. */
    public static CfgErrorType of(String text) {
        return find(ALL, text);
    }

    private CfgErrorType(int ordinal, String name) {
        super(ordinal, name);
    }
}
