package commdn.standin;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.commons.collections.KeyValuePair;
import com.genesyslab.platform.commons.collections.ValueType;
import commdn.tlink.Pair;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Lists of the SDK to and from those of tlink, in a charset; what is not in it becomes a question mark. */
public final class Values {
    private final Charset charset;

    public Values(Charset charset) {
        this.charset = charset;
    }

    public List<Pair> toTlink(KeyValueCollection in) {
        List<Pair> out = new ArrayList<>();
        for (Object o : in) {
            KeyValuePair p = (KeyValuePair) o;
            byte[] key = p.getStringKey().getBytes(charset);
            switch (p.getValueType()) {
                case STRING:
                    out.add(Pair.bytes(key, Pair.STRING, p.getStringValue().getBytes(charset)));
                    break;
                case INT:
                    out.add(Pair.integer(key, p.getIntValue()));
                    break;
                case BINARY:
                    out.add(Pair.bytes(key, Pair.BINARY, p.getBinaryValue()));
                    break;
                case WIDE_STRING:
                    out.add(Pair.bytes(key, Pair.UNICODE, p.getStringValue().getBytes(StandardCharsets.UTF_8)));
                    break;
                case TKV_LIST:
                    out.add(Pair.list(key, toTlink(p.getTKVValue())));
                    break;
                default:
                    throw new IllegalArgumentException(p.getStringKey() + " is of the kind " + p.getValueType());
            }
        }
        return out;
    }

    /** With the habit odd-values the key says which kind a value is to have: LONG:x, FLOAT:x, XKV_LIST:x. */
    public KeyValueCollection toSdk(List<Pair> in) {
        KeyValueCollection out = new KeyValueCollection();
        for (Pair p : in) {
            String key = new String(p.key, charset);
            if (Habits.has("odd-values") && key.indexOf(':') > 0) {
                out.pair(key, ValueType.valueOf(key.substring(0, key.indexOf(':'))), null);
                continue;
            }
            switch (p.kind) {
                case Pair.STRING:
                    out.addString(key, new String(p.bytes(), charset));
                    break;
                case Pair.INT:
                    out.addInt(key, p.integer());
                    break;
                case Pair.BINARY:
                    out.addBinary(key, p.bytes());
                    break;
                case Pair.UNICODE:
                    out.addUTFString(key, new String(p.bytes(), StandardCharsets.UTF_8));
                    break;
                default:
                    out.addList(key, Habits.has("null-list") && p.list().isEmpty() ? null : toSdk(p.list()));
            }
        }
        return out;
    }
}
