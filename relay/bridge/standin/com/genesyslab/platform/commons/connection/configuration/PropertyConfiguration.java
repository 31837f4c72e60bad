package com.genesyslab.platform.commons.connection.configuration;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Stand-in: the charset is left to chance, and a bad one, until it is set. */
public class PropertyConfiguration implements ConnectionConfiguration, ClientADDPOptions {
    private boolean addp;
    private Integer clientTimeout;
    private Integer serverTimeout;
    private AddpTraceMode trace;
    private Charset strings = StandardCharsets.US_ASCII;

    public void setUseAddp(boolean use) {
        addp = use;
    }

    public void setAddpClientTimeout(Integer seconds) {
        clientTimeout = seconds;
    }

    public void setAddpServerTimeout(Integer seconds) {
        serverTimeout = seconds; // recorded alone: the simulator looks after itself
    }

    public void setAddpTraceMode(AddpTraceMode mode) {
        trace = mode; // recorded alone: nothing is traced
    }

    public void setStringsEncoding(String charset) {
        strings = Charset.forName(charset);
    }

    /** Seconds, 0 without ADDP; the stand-in's own. */
    public int addpSeconds() {
        return addp && clientTimeout != null ? clientTimeout : 0;
    }

    /** The stand-in's own: what was set of ADDP, null for what was not. */
    public String addp() {
        return addp + " client " + clientTimeout + " server " + serverTimeout + " trace " + trace;
    }

    /** The stand-in's own. */
    public Charset strings() {
        return strings;
    }
}
