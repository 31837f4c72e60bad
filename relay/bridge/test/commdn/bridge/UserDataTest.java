package commdn.bridge;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.commons.collections.ValueType;
import commdn.tlink.Message;
import commdn.tlink.Pair;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** All kinds both ways, in order, with repeated keys; what cannot be carried is named. */
final class UserDataTest {
    public static void main(String[] args) throws Exception {
        bothWays();
        String latin = refusal(StandardCharsets.US_ASCII, Pair.bytes(key("name"), Pair.STRING, new byte[] {(byte) 0xe9}));
        Check.contains(latin, "name is not in US-ASCII", "bytes that are not in the charset");
        KeyValueCollection cyrillic = new KeyValueCollection();
        cyrillic.addString("name", "\u0416");
        Check.contains(refusal(StandardCharsets.ISO_8859_1, cyrillic), "name has characters that are not in ISO-8859-1", "characters");
        for (ValueType odd : new ValueType[] {ValueType.LONG, ValueType.FLOAT, ValueType.XKV_LIST, null}) {
            KeyValueCollection inner = new KeyValueCollection();
            inner.pair("GSW_PHONE", odd, 5L);
            KeyValueCollection list = new KeyValueCollection();
            list.addList("outer", inner);
            String text = refusal(StandardCharsets.ISO_8859_1, list);
            Check.contains(text, "GSW_PHONE is of the kind " + odd, "a kind that tlink has not");
            Check.that(!text.contains("5"), "the value is told: " + text);
        }
        nothing();
        deep();
        Check.done(UserDataTest.class);
    }

    private static byte[] key(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void bothWays() throws Exception {
        byte[] all = new byte[256];
        for (int i = 0; i < 256; i++) {
            all[i] = (byte) i;
        }
        List<Pair> data = List.of(Pair.bytes(key("s"), Pair.STRING, all), Pair.integer(key("i"), -1), Pair.bytes(key("b"), Pair.BINARY, all),
            Pair.list(key("l"), List.of(Pair.integer(key("x"), 1), Pair.integer(key("x"), 2), Pair.list(key("e"), List.of()))),
            Pair.bytes(key("u"), Pair.UNICODE, "\u0416\ud83d\ude00".getBytes(StandardCharsets.UTF_8)), Pair.bytes(key("s"), Pair.STRING, new byte[0]));
        UserData u = new UserData(StandardCharsets.ISO_8859_1);
        byte[] before = new Message(1, 0, List.of(), data).frame();
        byte[] after = new Message(1, 0, List.of(), u.fromSdk(u.toSdk(data))).frame();
        Check.that(Arrays.equals(before, after), "there and back again is not the same");
        Charset japanese = Charset.forName("Shift_JIS");
        KeyValueCollection sdk = new UserData(japanese).toSdk(List.of(Pair.bytes(key("n"), Pair.STRING, "\u65e5\u672c".getBytes(japanese))));
        KeyValueCollection want = new KeyValueCollection();
        want.addString("n", "\u65e5\u672c");
        Check.that(Arrays.equals(new Message(1, 0, List.of(), new UserData(japanese).fromSdk(want)).frame(),
            new Message(1, 0, List.of(), new UserData(japanese).fromSdk(sdk)).frame()), "Shift-JIS");
    }

    private static void nothing() throws Exception {
        UserData u = new UserData(StandardCharsets.ISO_8859_1);
        KeyValueCollection nulls = new KeyValueCollection();
        nulls.addString("s", null);
        nulls.addBinary("b", null);
        nulls.addList("l", null);
        nulls.addUTFString("u", null);
        List<Pair> list = u.fromSdk(nulls);
        Check.equal(list.get(0).bytes().length + list.get(1).bytes().length + list.get(2).list().size() + list.get(3).bytes().length, 0, "nulls are empty");
        nulls.pair("i", ValueType.INT, null);
        Check.contains(refusal(StandardCharsets.ISO_8859_1, nulls), "i is an integer without a value", "null integer");
        for (String empty : new String[] {"", null}) {
            KeyValueCollection c = new KeyValueCollection();
            c.addInt(empty, 1);
            Check.contains(refusal(StandardCharsets.ISO_8859_1, c), "a key is empty", "key");
        }
    }

    private static void deep() throws Exception {
        for (int depth : new int[] {8, 9}) {
            KeyValueCollection c = new KeyValueCollection();
            for (int i = 1; i < depth; i++) {
                KeyValueCollection outer = new KeyValueCollection();
                outer.addList("k", c);
                c = outer;
            }
            if (depth == 8) {
                new UserData(StandardCharsets.ISO_8859_1).fromSdk(c);
            } else {
                Check.contains(refusal(StandardCharsets.ISO_8859_1, c), "nested deeper than 8 levels", "depth");
            }
        }
    }

    private static String refusal(Charset c, Pair p) {
        return Check.thrown(UserData.Refused.class, () -> new UserData(c).toSdk(List.of(p)), "a request");
    }

    private static String refusal(Charset c, KeyValueCollection list) {
        return Check.thrown(UserData.Refused.class, () -> new UserData(c).fromSdk(list), "an event");
    }
}
