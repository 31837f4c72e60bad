package com.genesyslab.platform.applicationblocks.com;

/** Stand-in. */
public class CfgQuery<T extends ICfgObject> implements ICfgQuery<T> {
}
