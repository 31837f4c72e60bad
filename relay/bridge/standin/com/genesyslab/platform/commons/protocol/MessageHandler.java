package com.genesyslab.platform.commons.protocol;

/** Stand-in: called in the channel's thread. */
public interface MessageHandler {
    void onMessage(Message message);
}
