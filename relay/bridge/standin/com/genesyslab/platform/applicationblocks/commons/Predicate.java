package com.genesyslab.platform.applicationblocks.commons;

/** Stand-in. */
public interface Predicate<T> {
    boolean invoke(T t);
}
