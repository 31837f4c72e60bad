package com.genesyslab.platform.voice.protocol.tserver.events;

/** Stand-in. */
public final class EventLinkConnected extends Event {
    public static final int ID = 95;

    EventLinkConnected(Parts parts) {
        super(ID, "EventLinkConnected", parts);
    }
}
