package com.genesyslab.platform.voice.protocol.tserver.requests.special;

import com.genesyslab.platform.commons.protocol.Message;
import com.genesyslab.platform.voice.protocol.tserver.CommonProperties;

/** Stand-in. */
public final class RequestDistributeUserEvent implements Message {
    public static final int ID = 48;
    private final String communicationDN;
    private final CommonProperties userEvent;
    private int referenceID;

    private RequestDistributeUserEvent(String communicationDN, CommonProperties userEvent) {
        this.communicationDN = communicationDN;
        this.userEvent = userEvent;
    }

    public static RequestDistributeUserEvent create(String communicationDN, CommonProperties userEvent) {
        return new RequestDistributeUserEvent(communicationDN, userEvent);
    }

    public void setReferenceID(int reference) {
        referenceID = reference;
    }

    public int getReferenceID() {
        return referenceID;
    }

    public String getCommunicationDN() {
        return communicationDN;
    }

    public CommonProperties getUserEvent() {
        return userEvent;
    }

    @Override
    public int messageId() {
        return ID;
    }

    @Override
    public String messageName() {
        return "RequestDistributeUserEvent";
    }
}
