package com.genesyslab.platform.applicationblocks.com;

/** Stand-in. */
public interface ICfgBase {
}
