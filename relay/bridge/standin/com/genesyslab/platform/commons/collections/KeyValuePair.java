package com.genesyslab.platform.commons.collections;

/** Stand-in: one pair. */
public class KeyValuePair {
    private final String key;
    private final ValueType type;
    private final Object value;

    KeyValuePair(String key, ValueType type, Object value) {
        this.key = key;
        this.type = type;
        this.value = value;
    }

    public String getStringKey() {
        return key;
    }

    public ValueType getValueType() {
        return type;
    }

    public Object getValue() {
        return value;
    }

    public String getStringValue() {
        return value instanceof String ? (String) value : null;
    }

    public Integer getIntValue() {
        return value instanceof Integer ? (Integer) value : null;
    }

    public byte[] getBinaryValue() {
        return value instanceof byte[] ? (byte[]) value : null;
    }

    public KeyValueCollection getTKVValue() {
        return value instanceof KeyValueCollection ? (KeyValueCollection) value : null;
    }
}
