package com.genesyslab.platform.voice.protocol.tserver.events;

/** Stand-in. */
public final class EventUnregistered extends Event {
    public static final int ID = 54;

    EventUnregistered(Parts parts) {
        super(ID, "EventUnregistered", parts);
    }

    /** Null in what no request asked for. */
    public Integer getReferenceID() {
        return reference;
    }

    public String getThisDN() {
        return thisDN;
    }
}
