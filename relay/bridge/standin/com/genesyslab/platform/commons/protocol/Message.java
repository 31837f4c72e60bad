package com.genesyslab.platform.commons.protocol;

/** Stand-in: a request or an event. */
public interface Message {
    int messageId();

    String messageName();
}
