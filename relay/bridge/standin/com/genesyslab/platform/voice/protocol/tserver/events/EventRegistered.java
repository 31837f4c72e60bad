package com.genesyslab.platform.voice.protocol.tserver.events;

/** Stand-in. */
public final class EventRegistered extends Event {
    public static final int ID = 53;

    EventRegistered(Parts parts) {
        super(ID, "EventRegistered", parts);
    }

    /** Null in what no request asked for. */
    public Integer getReferenceID() {
        return reference;
    }

    public String getThisDN() {
        return thisDN;
    }
}
