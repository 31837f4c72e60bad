package com.genesyslab.platform.commons;

/** Stand-in: the SDK's enumerations are classes. */
public abstract class GEnum {
    private final int ordinal;
    private final String name;

    protected GEnum(int ordinal, String name) {
        this.ordinal = ordinal;
        this.name = name;
    }

    public final int ordinal() {
        return ordinal;
    }

    public final String name() {
        return name;
    }

    @Override
    public final String toString() {
        return name;
    }

    /** By number or name. */
    protected static <T extends GEnum> T find(T[] all, String text) {
        for (T e : all) {
            if (e.name().equals(text) || String.valueOf(e.ordinal()).equals(text)) {
                return e;
            }
        }
        return null;
    }
}
