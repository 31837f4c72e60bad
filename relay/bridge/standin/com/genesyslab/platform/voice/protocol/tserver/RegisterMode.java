package com.genesyslab.platform.voice.protocol.tserver;

import com.genesyslab.platform.commons.GEnum;

/** Stand-in: how a DN is registered. */
public final class RegisterMode extends GEnum {
    public static final RegisterMode ModeShare = new RegisterMode(0, "ModeShare");
    public static final RegisterMode ModePrivate = new RegisterMode(1, "ModePrivate");
    public static final RegisterMode ModeMonitor = new RegisterMode(2, "ModeMonitor");

    private RegisterMode(int ordinal, String name) {
        super(ordinal, name);
    }
}
