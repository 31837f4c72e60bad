package com.genesyslab.platform.applicationblocks.com;

import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;

/** Stand-in: what has changed is to be read again. */
public interface ConfEvent {
    /** What has happened to the object. */
    enum EventType { ObjectCreated, ObjectDeleted, ObjectUpdated }

    EventType getEventType();

    CfgObjectType getObjectType();

    int getObjectId();
}
