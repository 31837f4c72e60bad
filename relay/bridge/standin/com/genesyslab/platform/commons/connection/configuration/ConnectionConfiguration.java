package com.genesyslab.platform.commons.connection.configuration;

/** Stand-in. */
public interface ConnectionConfiguration {
}
