package com.genesyslab.platform.commons.collections;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Stand-in: a list of pairs. */
public class KeyValueCollection extends KVList {
    private final List<Object> pairs = new ArrayList<>();

    @Override
    public Iterator<Object> iterator() {
        return pairs.iterator();
    }

    @Override
    public int size() {
        return pairs.size();
    }

    public void addString(String key, String value) {
        pair(key, ValueType.STRING, value);
    }

    public void addUTFString(String key, String value) {
        pair(key, ValueType.WIDE_STRING, value);
    }

    public void addInt(String key, int value) {
        pair(key, ValueType.INT, value);
    }

    public void addBinary(String key, byte[] value) {
        pair(key, ValueType.BINARY, value);
    }

    public void addList(String key, KeyValueCollection value) {
        pair(key, ValueType.TKV_LIST, value);
    }

    /** The stand-in's own: a pair of any kind, also of one that nobody expects. */
    public void pair(String key, ValueType type, Object value) {
        pairs.add(new KeyValuePair(key, type, value));
    }
}
