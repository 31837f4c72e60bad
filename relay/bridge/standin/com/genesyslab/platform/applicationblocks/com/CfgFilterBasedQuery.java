package com.genesyslab.platform.applicationblocks.com;

import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;
import java.util.HashMap;
import java.util.Map;

/** Stand-in: a query with conditions. */
public class CfgFilterBasedQuery<T extends ICfgObject> extends CfgQuery<T> {
    private final CfgObjectType type;
    private final Map<String, Integer> conditions = new HashMap<>();

    public CfgFilterBasedQuery(CfgObjectType type) {
        this.type = type;
    }

    public final void setDoRequestObjectPath(boolean path) {
        // the export has none
    }

    protected final void condition(String key, int value) {
        conditions.put(key, value);
    }

    /** The stand-in's own. */
    public CfgObjectType type() {
        return type;
    }

    /** The stand-in's own; null where there is no such condition. */
    public Integer condition(String key) {
        return conditions.get(key);
    }
}
