package commdn.bridge;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.commons.collections.KeyValuePair;
import com.genesyslab.platform.commons.collections.ValueType;
import commdn.tlink.Packed;
import commdn.tlink.Pair;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * User data, from tlink to the SDK and back, in its order and with repeated
 * keys. tlink carries the bytes of the site; the SDK has text, which it reads
 * and writes in the charset of the connection.
 */
final class UserData {
    /** A value that cannot be carried; the message names its key, not what it is. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String what) {
            super(what);
        }
    }

    private final Charset charset;

    UserData(Charset charset) {
        this.charset = charset;
    }

    KeyValueCollection toSdk(List<Pair> list) throws Refused {
        KeyValueCollection out = new KeyValueCollection();
        for (Pair p : list) {
            String key = decode(charset, p.key, "a key");
            switch (p.kind) {
                case Pair.STRING:
                    out.addString(key, decode(charset, p.bytes(), key));
                    break;
                case Pair.INT:
                    out.addInt(key, p.integer());
                    break;
                case Pair.BINARY:
                    out.addBinary(key, p.bytes());
                    break;
                case Pair.UNICODE:
                    out.addUTFString(key, decode(StandardCharsets.UTF_8, p.bytes(), key));
                    break;
                default:
                    out.addList(key, toSdk(p.list()));
            }
        }
        return out;
    }

    List<Pair> fromSdk(KeyValueCollection in) throws Refused {
        return fromSdk(in, Packed.MAX_DEPTH);
    }

    private List<Pair> fromSdk(KeyValueCollection in, int depth) throws Refused {
        if (depth == 0) {
            throw new Refused("a list is nested deeper than " + Packed.MAX_DEPTH + " levels");
        }
        List<Pair> list = new ArrayList<>();
        if (in == null) {
            return list; // a list in a list may be null as well as empty
        }
        for (Object o : in) {
            list.add(fromSdk((KeyValuePair) o, depth));
        }
        return list;
    }

    private Pair fromSdk(KeyValuePair p, int depth) throws Refused {
        String name = p.getStringKey();
        if (name == null || name.isEmpty()) {
            throw new Refused("a key is empty");
        }
        byte[] key = encode(charset, name, "a key");
        ValueType type = p.getValueType();
        if (type == ValueType.STRING) {
            return Pair.bytes(key, Pair.STRING, encode(charset, text(p), name));
        } else if (type == ValueType.INT) {
            Integer value = p.getIntValue();
            if (value == null) {
                throw new Refused(name + " is an integer without a value");
            }
            return Pair.integer(key, value);
        } else if (type == ValueType.BINARY) {
            byte[] value = p.getBinaryValue();
            return Pair.bytes(key, Pair.BINARY, value == null ? new byte[0] : value);
        } else if (type == ValueType.TKV_LIST) {
            return Pair.list(key, fromSdk(p.getTKVValue(), depth - 1));
        } else if (type == ValueType.WIDE_STRING) {
            return Pair.bytes(key, Pair.UNICODE, encode(StandardCharsets.UTF_8, text(p), name));
        }
        throw new Refused(name + " is of the kind " + type + ", which tlink does not carry");
    }

    /** A text, also where the SDK keeps it in a class of its own. */
    private static String text(KeyValuePair p) {
        String text = p.getStringValue();
        return text != null || p.getValue() == null ? text : String.valueOf(p.getValue());
    }

    private static String decode(Charset charset, byte[] bytes, String key) throws Refused {
        try {
            return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new Refused(key + " is not in " + charset + ", the charset of T-Server (tserver.charset)");
        }
    }

    private static byte[] encode(Charset charset, String text, String key) throws Refused {
        if (text == null) {
            return new byte[0];
        }
        try {
            ByteBuffer b = charset.newEncoder().encode(CharBuffer.wrap(text));
            return Arrays.copyOf(b.array(), b.limit());
        } catch (CharacterCodingException e) {
            throw new Refused(key + " has characters that are not in " + charset + ", the charset of T-Server (tserver.charset)");
        }
    }
}
