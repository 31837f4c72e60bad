package com.genesyslab.platform.commons.protocol;

import java.util.EventListener;
import java.util.EventObject;

/** Stand-in: called in the channel's thread. */
public interface ChannelListener extends EventListener {
    void onChannelOpened(EventObject event);

    void onChannelClosed(ChannelClosedEvent event);

    void onChannelError(ChannelErrorEvent event);
}
