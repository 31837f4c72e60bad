package com.genesyslab.platform.commons.collections;

/** Stand-in: kinds of values. */
public enum ValueType {
    STRING, INT, BINARY, TKV_LIST, WIDE_STRING, LONG, FLOAT, XKV_LIST
}
