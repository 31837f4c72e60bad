package com.genesyslab.platform.commons.protocol;

import commdn.standin.Habits;
import java.util.EventObject;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Stand-in: the states of a connection, and one thread for all its callbacks.
 * Whoever sends on a closed one gets an exception that is no ProtocolException.
 */
public abstract class ClientChannel implements Protocol {
    private static final long LATE_MILLIS = 2_500;

    private final Endpoint endpoint;
    private final List<ChannelListener> listeners = new CopyOnWriteArrayList<>();
    private final ExecutorService callbacks;
    private volatile Thread callbackThread;
    private volatile MessageHandler handler;
    private volatile long timeout = 30_000;
    private ChannelState state = ChannelState.Closed;

    protected ClientChannel(Endpoint endpoint) {
        this.endpoint = endpoint;
        this.callbacks = Executors.newSingleThreadExecutor(r -> {
            callbackThread = new Thread(r, "callbacks of " + endpoint.getName());
            callbackThread.setDaemon(true);
            return callbackThread;
        });
    }

    /** Connects and registers; throws where it cannot. */
    protected abstract void connect(long millis) throws ProtocolException, InterruptedException;

    /** Lets go of what connect has made. */
    protected abstract void disconnect();

    /** Writes a request. */
    protected abstract void write(Message message) throws ProtocolException;

    protected final Endpoint endpoint() {
        return endpoint;
    }

    public void setMessageHandler(MessageHandler handler) {
        this.handler = handler;
    }

    public void addChannelListener(ChannelListener listener) {
        listeners.add(listener);
    }

    public void setTimeout(long millis) {
        timeout = millis;
    }

    @Override
    public synchronized ChannelState getState() {
        return state;
    }

    @Override
    public void open() throws ProtocolException, InterruptedException {
        open(timeout);
    }

    @Override
    public void open(long millis) throws ProtocolException, InterruptedException {
        if (inCallback()) {
            throw new IllegalStateException("open in a callback");
        }
        if (Habits.has("broken-jar")) {
            throw new NoClassDefFoundError("io/netty/channel/Channel");
        }
        synchronized (this) {
            if (state != ChannelState.Closed) {
                throw new ChannelNotClosedException("Channel is not closed");
            }
            state = ChannelState.Opening;
        }
        try {
            connect(millis);
        } catch (ProtocolException | InterruptedException | RuntimeException e) {
            disconnect();
            change(ChannelState.Closed);
            throw e;
        }
        change(ChannelState.Opened);
        EventObject opened = new EventObject(this);
        callback(() -> listeners.forEach(l -> l.onChannelOpened(opened)));
        opened();
    }

    /** What came with the connection may be delivered from now on. */
    protected void opened() {
        // nothing did
    }

    private synchronized void change(ChannelState to) {
        state = to;
    }

    public void send(Message message) throws ProtocolException {
        if (getState() != ChannelState.Opened) {
            throw new ChannelClosedOnSendException("Connection is closed");
        }
        write(message);
    }

    @Override
    public void close() throws ProtocolException, InterruptedException {
        if (inCallback()) {
            throw new IllegalStateException("close in a callback");
        }
        end(null, null);
        callbacks.shutdown();
    }

    /** The connection is lost; error says of something that went wrong before. */
    protected final void end(Throwable error, Throwable cause) {
        synchronized (this) {
            if (state == ChannelState.Closed || state == ChannelState.Opening) {
                return;
            }
            state = ChannelState.Closed;
        }
        disconnect();
        if (error != null) {
            callback(() -> listeners.forEach(l -> l.onChannelError(new ChannelErrorEvent(this, error))));
        }
        Runnable closed = () -> listeners.forEach(l -> l.onChannelClosed(new ChannelClosedEvent(this, cause)));
        if (Habits.has("late-close")) {
            CompletableFuture.delayedExecutor(LATE_MILLIS, TimeUnit.MILLISECONDS).execute(closed);
        } else {
            callback(closed);
        }
    }

    protected final void deliver(Message message) {
        callback(() -> {
            MessageHandler h = handler;
            if (h != null) {
                h.onMessage(message);
            }
        });
    }

    /** The stand-in's own: runs something in the thread of the callbacks. */
    public final void callback(Runnable r) {
        try {
            callbacks.execute(r);
        } catch (RejectedExecutionException e) {
            // closed, so nobody is to hear of it
        }
    }

    /** The stand-in's own. */
    public final boolean inCallback() {
        return Thread.currentThread() == callbackThread;
    }
}
