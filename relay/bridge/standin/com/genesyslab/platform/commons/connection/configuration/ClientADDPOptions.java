package com.genesyslab.platform.commons.connection.configuration;

/** Stand-in. */
public interface ClientADDPOptions {
    /** What of ADDP is written into logs. */
    enum AddpTraceMode { None, Local, Remote, Both }
}
