package com.genesyslab.platform.voice.protocol.tserver;

import com.genesyslab.platform.commons.GEnum;

/** Stand-in: what T-Server does about a registration. */
public final class ControlMode extends GEnum {
    public static final ControlMode RegisterDefault = new ControlMode(0, "RegisterDefault");
    public static final ControlMode RegisterForce = new ControlMode(1, "RegisterForce");
    public static final ControlMode RegisterLocal = new ControlMode(2, "RegisterLocal");

    private ControlMode(int ordinal, String name) {
        super(ordinal, name);
    }
}
