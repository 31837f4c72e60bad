package com.genesyslab.platform.commons.threading;

/** Stand-in. */
public interface AsyncInvoker {
    void invoke(Runnable task);

    void dispose();
}
