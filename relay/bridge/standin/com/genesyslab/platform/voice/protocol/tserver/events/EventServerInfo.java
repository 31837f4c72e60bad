package com.genesyslab.platform.voice.protocol.tserver.events;

import com.genesyslab.platform.voice.protocol.tserver.ServerRole;

/** Stand-in. */
public final class EventServerInfo extends Event {
    public static final int ID = 93;

    EventServerInfo(Parts parts) {
        super(ID, "EventServerInfo", parts);
    }
    /** Null where T-Server does not say it. */
    public ServerRole getServerRole() {
        return role;
    }
}
