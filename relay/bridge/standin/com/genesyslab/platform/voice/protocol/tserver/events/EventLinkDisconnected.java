package com.genesyslab.platform.voice.protocol.tserver.events;

/** Stand-in. */
public final class EventLinkDisconnected extends Event {
    public static final int ID = 94;

    EventLinkDisconnected(Parts parts) {
        super(ID, "EventLinkDisconnected", parts);
    }
}
