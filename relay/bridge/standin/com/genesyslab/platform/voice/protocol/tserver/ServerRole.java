package com.genesyslab.platform.voice.protocol.tserver;

import com.genesyslab.platform.commons.GEnum;

/** Stand-in: which T-Server of a pair it is. The numbers are its own. */
public final class ServerRole extends GEnum {
    public static final ServerRole Primary = new ServerRole(0, "Primary");
    public static final ServerRole Backup = new ServerRole(1, "Backup");

    /** The stand-in's own: the attribute with the name of the role, in a message of tlink. */
    public static final String ATTRIBUTE = "AttributeServerRole";

    private static final ServerRole[] ALL = {Primary, Backup};

    /** The stand-in's own: by name; null for what is unknown here, or null. */
    public static ServerRole of(String text) {
        return find(ALL, text);
    }

    private ServerRole(int ordinal, String name) {
        super(ordinal, name);
    }
}
