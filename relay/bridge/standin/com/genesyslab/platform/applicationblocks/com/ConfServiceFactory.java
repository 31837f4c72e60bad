package com.genesyslab.platform.applicationblocks.com;

import com.genesyslab.platform.commons.protocol.ChannelState;
import com.genesyslab.platform.commons.protocol.Protocol;
import com.genesyslab.platform.configuration.protocol.ConfServerProtocol;
import commdn.standin.FileService;

/** Stand-in. */
public final class ConfServiceFactory {
    private ConfServiceFactory() {
    }

    /** The channel has to be closed. */
    public static IConfService createConfService(Protocol protocol) {
        if (protocol.getState() != ChannelState.Closed) {
            throw new IllegalStateException("the channel is not closed");
        }
        return new FileService((ConfServerProtocol) protocol);
    }

    public static void releaseConfService(IConfService service) {
        ((FileService) service).release();
    }
}
