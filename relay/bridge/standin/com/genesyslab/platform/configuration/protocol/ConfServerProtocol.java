package com.genesyslab.platform.configuration.protocol;

import com.genesyslab.platform.commons.protocol.ClientChannel;
import com.genesyslab.platform.commons.protocol.Endpoint;
import com.genesyslab.platform.commons.protocol.Message;
import com.genesyslab.platform.commons.protocol.ProtocolException;
import com.genesyslab.platform.configuration.protocol.exceptions.ConfRegistrationException;
import com.genesyslab.platform.configuration.protocol.types.CfgErrorType;
import com.genesyslab.platform.configuration.protocol.utilities.CfgErrorCode;
import commdn.standin.Export;
import commdn.standin.Habits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stand-in: the export that the system property standin.directory names, at the
 * host "file". A change of the file is a change of its objects; without the file
 * there is no Configuration Server.
 */
public class ConfServerProtocol extends ClientChannel {
    private final List<Export.Change> watchers = new CopyOnWriteArrayList<>();
    private String name = "";
    private int type;
    private String user;
    private String password;
    private volatile Export export;

    public ConfServerProtocol(Endpoint endpoint) {
        super(endpoint);
    }

    public void setClientName(String name) {
        this.name = name;
    }

    public void setClientApplicationType(int type) {
        this.type = type;
    }

    public void setUserName(String user) {
        this.user = user;
    }

    public void setUserPassword(String password) {
        this.password = password;
    }

    @Override
    protected void connect(long millis) throws ProtocolException {
        String file = System.getProperty("standin.directory");
        if (!endpoint().getHost().equals("file") || file == null || !Files.exists(Path.of(file))) {
            throw new ProtocolException("Failed to connect to " + endpoint().getHost() + ":" + endpoint().getPort());
        }
        if (!Habits.accepts("standin.config.application", name)) {
            throw new ConfRegistrationException(new CfgErrorCode(CfgErrorType.CFGAppSecurityViolation), "There is no application [" + name + "]");
        } else if (!Habits.accepts("standin.config.type", String.valueOf(type))) {
            throw new ConfRegistrationException(new CfgErrorCode(CfgErrorType.CFGAppSecurityViolation), "Application [" + name + "] is not of type " + type);
        } else if (!Habits.accepts("standin.config.user", user) || !Habits.accepts("standin.config.password", password)) {
            throw new ConfRegistrationException(new CfgErrorCode(CfgErrorType.CFGLoginIncorrect), "Username or password is incorrect");
        }
        Path path = Path.of(file);
        try {
            FileTime time = Files.getLastModifiedTime(path);
            Export first = Export.read(path);
            export = first;
            Thread t = new Thread(() -> watch(path, first, time), "watcher of " + path);
            t.setDaemon(true);
            t.start();
        } catch (IOException e) {
            throw new ProtocolException("Failed to read " + path, e);
        }
    }

    /** Tells the differences whenever the file has changed, until it is gone or the connection is closed. */
    private void watch(Path path, Export first, FileTime time) {
        Export known = first;
        FileTime last = time;
        try {
            while (export == known) {
                Thread.sleep(50);
                FileTime now = Files.getLastModifiedTime(path);
                if (now.equals(last)) {
                    continue;
                }
                Export next;
                try {
                    next = Export.read(path);
                } catch (IOException e) {
                    continue; // half written; a file that is gone ends the loop above
                }
                last = now;
                if (!replace(known, next)) {
                    return;
                }
                for (Export.Change w : watchers) {
                    known.changes(next, w);
                }
                known = next;
            }
        } catch (IOException e) {
            end(null, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean replace(Export before, Export after) {
        boolean same = export == before;
        export = same ? after : export;
        return same;
    }

    /** The stand-in's own. */
    public void onChange(Export.Change each) {
        watchers.add(each);
    }

    /** The stand-in's own: the objects as they are now. */
    public Export export() {
        return export;
    }

    /** The stand-in's own: the server is gone. */
    public void die() {
        end(null, new IOException("Connection reset by peer"));
    }

    @Override
    protected void write(Message m) {
        throw new UnsupportedOperationException("only the service speaks");
    }

    @Override
    protected synchronized void disconnect() {
        export = null;
    }
}
