package com.genesyslab.platform.voice.protocol.tserver.events;

/** Stand-in. */
public final class EventServerInfo extends Event {
    public static final int ID = 93;

    EventServerInfo(Parts parts) {
        super(ID, "EventServerInfo", parts);
    }
}
