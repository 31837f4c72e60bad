package com.genesyslab.platform.commons.protocol;

/** Stand-in: states of a connection. */
public enum ChannelState {
    Opening, Opened, Closing, Closed
}
