package com.genesyslab.platform.voice.protocol.tserver.requests.dn;

import com.genesyslab.platform.commons.protocol.Message;
import com.genesyslab.platform.voice.protocol.tserver.ControlMode;

/** Stand-in. */
public final class RequestUnregisterAddress implements Message {
    public static final int ID = 4;
    private final String thisDN;
    private int referenceID;

    private RequestUnregisterAddress(String thisDN) {
        this.thisDN = thisDN;
    }

    public static RequestUnregisterAddress create(String thisDN, ControlMode control) {
        return new RequestUnregisterAddress(thisDN);
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

    @Override
    public int messageId() {
        return ID;
    }

    @Override
    public String messageName() {
        return "RequestUnregisterAddress";
    }
}
