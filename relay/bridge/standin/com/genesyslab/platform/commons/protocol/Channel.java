package com.genesyslab.platform.commons.protocol;

/** Stand-in. */
public interface Channel {
    ChannelState getState();

    void open() throws ProtocolException, InterruptedException;

    void open(long millis) throws ProtocolException, InterruptedException;

    void close() throws ProtocolException, InterruptedException;
}
