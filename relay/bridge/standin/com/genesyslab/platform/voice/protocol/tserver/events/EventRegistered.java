package com.genesyslab.platform.voice.protocol.tserver.events;

import com.genesyslab.platform.voice.protocol.tserver.ServerRole;

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
    /** Null where T-Server does not say it. */
    public ServerRole getServerRole() {
        return role;
    }
}
