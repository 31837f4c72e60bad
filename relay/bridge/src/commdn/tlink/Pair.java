package commdn.tlink;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One pair of a packed list. Keys and strings are the bytes that came: which
 * charset they are in is the business of those who read them.
 */
public final class Pair {
    /** Kinds of value; each is the type byte of the packed form. */
    public static final int STRING = 0;
    public static final int INT = 1;
    public static final int BINARY = 2;
    public static final int LIST = 3;
    public static final int UNICODE = 4;

    public final byte[] key;
    public final int kind;
    private final Object value;

    private Pair(byte[] key, int kind, Object value) {
        this.key = key;
        this.kind = kind;
        this.value = value;
    }

    /** A value of kind STRING, BINARY or UNICODE; for UNICODE the bytes are UTF-8. */
    public static Pair bytes(byte[] key, int kind, byte[] value) {
        return new Pair(key, kind, value);
    }

    public static Pair integer(byte[] key, int value) {
        return new Pair(key, INT, value);
    }

    public static Pair list(byte[] key, List<Pair> value) {
        return new Pair(key, LIST, value);
    }

    /** An attribute: its key is ASCII, its text goes out as UTF-8. */
    public static Pair attribute(String key, String value) {
        return new Pair(ascii(key), STRING, value.getBytes(StandardCharsets.UTF_8));
    }

    /** An attribute that is a number. */
    public static Pair attribute(String key, int value) {
        return integer(ascii(key), value);
    }

    /** The value of any kind but INT and LIST. */
    public byte[] bytes() {
        return (byte[]) value;
    }

    /** The value of kind INT. */
    public int integer() {
        return (Integer) value;
    }

    /** The value of kind LIST. */
    @SuppressWarnings("unchecked") // list() is the only way in
    public List<Pair> list() {
        return (List<Pair>) value;
    }

    /** Whether the key is this one, which is ASCII. */
    public boolean is(String name) {
        if (key.length != name.length()) {
            return false;
        }
        for (int i = 0; i < key.length; i++) {
            if (key[i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
