package com.genesyslab.platform.voice.protocol.tserver.events;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.commons.protocol.Message;
import com.genesyslab.platform.voice.protocol.tserver.ServerRole;

/** The stand-in's own: what its events share. */
public abstract class Event implements Message {
    final Integer reference;
    final String thisDN;
    final KeyValueCollection userData;
    final Integer code;
    final String text;
    final ServerRole role;
    private final int id;
    private final String name;

    Event(int id, String name, Parts parts) {
        this.id = id;
        this.name = name;
        this.reference = parts.reference;
        this.thisDN = parts.thisDN;
        this.userData = parts.userData;
        this.code = parts.code;
        this.text = parts.text;
        this.role = parts.role;
    }

    @Override
    public final int messageId() {
        return id;
    }

    @Override
    public final String messageName() {
        return name;
    }

    /** What an event is made of; each may be null. */
    public static final class Parts {
        public Integer reference;
        public String thisDN;
        public KeyValueCollection userData;
        public Integer code;
        public String text;
        public ServerRole role;

        /** The event with this number; null where the stand-in has none. */
        public Event event(int id) {
            switch (id) {
                case EventUserEvent.ID:
                    return new EventUserEvent(this);
                case EventACK.ID:
                    return new EventACK(this);
                case EventError.ID:
                    return new EventError(this);
                case EventRegistered.ID:
                    return new EventRegistered(this);
                case EventUnregistered.ID:
                    return new EventUnregistered(this);
                case EventLinkConnected.ID:
                    return new EventLinkConnected(this);
                case EventLinkDisconnected.ID:
                    return new EventLinkDisconnected(this);
                case EventPrimaryChanged.ID:
                    return new EventPrimaryChanged(this);
                case EventServerInfo.ID:
                    return new EventServerInfo(this);
                default:
                    return null;
            }
        }
    }
}
