package com.genesyslab.platform.voice.protocol.tserver.events;

import com.genesyslab.platform.commons.collections.KeyValueCollection;

/** Stand-in. */
public final class EventUserEvent extends Event {
    public static final int ID = 96;

    EventUserEvent(Parts parts) {
        super(ID, "EventUserEvent", parts);
    }

    public String getThisDN() {
        return thisDN;
    }

    /** Null where there is none. */
    public KeyValueCollection getUserData() {
        return userData;
    }
}
