package com.genesyslab.platform.voice.protocol.tserver.requests.dn;

import com.genesyslab.platform.commons.protocol.Message;
import com.genesyslab.platform.voice.protocol.tserver.AddressType;
import com.genesyslab.platform.voice.protocol.tserver.ControlMode;
import com.genesyslab.platform.voice.protocol.tserver.RegisterMode;

/** Stand-in. */
public final class RequestRegisterAddress implements Message {
    public static final int ID = 3;
    private final String thisDN;
    private final RegisterMode registerMode;
    private int referenceID;

    private RequestRegisterAddress(String thisDN, RegisterMode registerMode) {
        this.thisDN = thisDN;
        this.registerMode = registerMode;
    }

    public static RequestRegisterAddress create(String thisDN, RegisterMode registerMode, ControlMode control, AddressType type) {
        return new RequestRegisterAddress(thisDN, registerMode);
    }

    public void setReferenceID(int reference) {
        referenceID = reference;
    }

    public int getReferenceID() {
        return referenceID;
    }

    public String getThisDN() {
        return thisDN;
    }

    public RegisterMode getRegisterMode() {
        return registerMode;
    }

    @Override
    public int messageId() {
        return ID;
    }

    @Override
    public String messageName() {
        return "RequestRegisterAddress";
    }
}
