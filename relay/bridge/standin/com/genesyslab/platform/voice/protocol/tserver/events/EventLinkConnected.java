package com.genesyslab.platform.voice.protocol.tserver.events;

import com.genesyslab.platform.voice.protocol.tserver.ServerRole;

/** Stand-in. */
public final class EventLinkConnected extends Event {
    public static final int ID = 95;

    EventLinkConnected(Parts parts) {
        super(ID, "EventLinkConnected", parts);
    }
    /** Null where T-Server does not say it. */
    public ServerRole getServerRole() {
        return role;
    }
}
