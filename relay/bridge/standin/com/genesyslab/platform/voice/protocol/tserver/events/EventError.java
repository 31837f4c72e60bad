package com.genesyslab.platform.voice.protocol.tserver.events;

/** Stand-in. */
public final class EventError extends Event {
    public static final int ID = 52;

    EventError(Parts parts) {
        super(ID, "EventError", parts);
    }

    /** Null in what no request asked for. */
    public Integer getReferenceID() {
        return reference;
    }

    public String getThisDN() {
        return thisDN;
    }

    /** May be null. */
    public Integer getErrorCode() {
        return code;
    }

    public String getErrorMessage() {
        return text;
    }
}
