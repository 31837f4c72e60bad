package com.genesyslab.platform.voice.protocol.tserver.events;

/** Stand-in. */
public final class EventPrimaryChanged extends Event {
    public static final int ID = 133;

    EventPrimaryChanged(Parts parts) {
        super(ID, "EventPrimaryChanged", parts);
    }
}
