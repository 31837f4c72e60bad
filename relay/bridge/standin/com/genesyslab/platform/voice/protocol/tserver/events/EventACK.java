package com.genesyslab.platform.voice.protocol.tserver.events;

/** Stand-in. */
public final class EventACK extends Event {
    public static final int ID = 138;

    EventACK(Parts parts) {
        super(ID, "EventACK", parts);
    }

    /** Null in what no request asked for. */
    public Integer getReferenceID() {
        return reference;
    }
}
