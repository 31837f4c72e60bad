package com.genesyslab.platform.voice.protocol.tserver;

import com.genesyslab.platform.commons.GEnum;

/** Stand-in: types of addresses. */
public final class AddressType extends GEnum {
    public static final AddressType Unknown = new AddressType(0, "Unknown");
    public static final AddressType DN = new AddressType(1, "DN");

    private AddressType(int ordinal, String name) {
        super(ordinal, name);
    }
}
