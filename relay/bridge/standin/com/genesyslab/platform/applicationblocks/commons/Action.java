package com.genesyslab.platform.applicationblocks.commons;

/** Stand-in. */
public interface Action<T> {
    void handle(T t);
}
