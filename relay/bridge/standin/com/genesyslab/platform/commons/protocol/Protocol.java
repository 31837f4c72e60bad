package com.genesyslab.platform.commons.protocol;

/** Stand-in. */
public interface Protocol extends Channel {
}
