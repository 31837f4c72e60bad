package com.genesyslab.platform.applicationblocks.com;

/** Stand-in. */
public interface ICfgQuery<T extends ICfgObject> {
}
