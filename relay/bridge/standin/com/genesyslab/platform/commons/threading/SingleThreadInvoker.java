package com.genesyslab.platform.commons.threading;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/** Stand-in: a thread that belongs to who made it. */
public class SingleThreadInvoker implements AsyncInvoker {
    private final ExecutorService thread;

    public SingleThreadInvoker(String name) {
        thread = Executors.newSingleThreadExecutor(r -> {
            Thread t = new Thread(r, name);
            t.setDaemon(true);
            return t;
        });
    }

    @Override
    public void invoke(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            // released meanwhile
        }
    }

    @Override
    public void dispose() {
        release();
    }

    public void release() {
        thread.shutdownNow();
    }
}
