package commdn.bridge;

import commdn.tlink.FrameException;
import commdn.tlink.Id;
import commdn.tlink.Message;
import commdn.tlink.Pair;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The bytes are those of relay/tserver/tlink/README.md, and wrong ones are refused. */
final class CodecTest {
    private static final String GOLDEN = "00000042 30 00000003 001e 0001 00 000f 417474726962757465546869 73444e"
        + "0008 436f6d6d444e5f31 0001 01 0012 4753575f434d5f4d65737361676554797065 0004 00000020";

    public static void main(String[] args) throws Exception {
        Message m = new Message(Id.REQUEST_DISTRIBUTE_USER_EVENT, 3, List.of(Pair.attribute(Id.THIS_DN, "CommDN_1")),
            List.of(Pair.attribute("GSW_CM_MessageType", 32)));
        Check.equal(hex(m.frame()), hex(bytes(GOLDEN)), "the frame of the README");
        Message back = read(bytes(GOLDEN));
        Check.equal(back.text(Id.THIS_DN), "CommDN_1", "DN");
        Check.equal(back.userData.get(0).integer(), 32, "value");
        Check.equal(hex(new Message(Id.EVENT_LINK_CONNECTED, 0).frame()), "000000095f0000000000020000", "EventLinkConnected");
        everyKind();
        wrong();
        limits();
        noise();
        Check.done(CodecTest.class);
    }

    private static void everyKind() throws IOException {
        byte[] key = {'k'};
        List<Pair> nested = List.of(Pair.integer(key, -2), Pair.list(key, List.of()));
        List<Pair> all = List.of(Pair.bytes(key, Pair.STRING, new byte[] {'a', 0, -1}), Pair.integer(key, Integer.MIN_VALUE),
            Pair.bytes(key, Pair.BINARY, new byte[] {0, -1}), Pair.list(key, nested), Pair.bytes(key, Pair.UNICODE, "é".getBytes("UTF-8")),
            Pair.bytes(key, Pair.STRING, new byte[0]));
        byte[] frame = new Message(96, 0, List.of(), all).frame();
        Message m = read(frame);
        Check.equal(hex(new Message(96, 0, m.attributes, m.userData).frame()), hex(frame), "every kind, packed again");
        Check.equal(m.userData.size(), 6, "pairs");
        Check.that(read(new Message(96, 0, List.of(), null).frame()).userData == null, "no user data is null");
        Check.equal(read(new Message(96, 0, List.of(), List.of()).frame()).userData, List.of(), "the empty list is not null");
    }

    private static void wrong() throws Exception {
        Object[][] cases = {
            {"00000008 5f 00000000 0002 00", "frame of 8 bytes"},
            {"ffffffff", "frame of 4294967295 bytes"},
            {"00013e87", "frame of 81543 bytes"},
            {"00000009 5f 00000000 0005 0000", "attributes end 3 bytes behind the frame"},
            {"0000000a 5f 00000000 0003 000000", "1 bytes after the list"},
            {"00000009 5f 00000000 0002 0001", "count of 1 pairs with 0 bytes left"},
            {"0000000b 5f 00000000 0002 0000 ffff", "count of 65535 pairs"},
            {"00000011 5f 00000000 0002 0000 0001 05 0001 6b 0000", "unknown type of value 5"},
            {"00000011 5f 00000000 0002 0000 0001 00 0000 00 0000", "key of 0 bytes"},
            {"00000011 5f 00000000 0002 0000 0001 00 0002 6b 0000", "length of a value of 2 bytes with 1 left"},
            {"00000013 5f 00000000 0002 0000 0001 01 0001 6b 0002 0000", "integer of 2 bytes instead of 4"},
            {"00000012 5f 00000000 0002 0000 0001 04 0001 6b 0001 ff", "unicode value is not UTF-8"},
            {"00000015 5f 00000000 0002 0000 0001 03 0001 6b 0004 0003 0000", "list of 3 bytes in a value of 4"},
            {"00000016 5f 00000000 0002 0000 0001 03 0001 6b 0005 0003 000000", "1 bytes after a nested list"},
        };
        for (Object[] c : cases) {
            String text = Check.thrown(FrameException.class, () -> read(bytes((String) c[0])), (String) c[0]);
            Check.contains(text, (String) c[1], (String) c[0]);
        }
        Check.thrown(EOFException.class, () -> read(bytes("00000009 5f 0000")), "half a frame");
        Check.that(read(new byte[0]) == null, "the end between two frames is null");
    }

    private static void limits() throws Exception {
        for (int size : new int[] {65_535, 65_536}) {
            List<Pair> data = List.of(Pair.bytes(new byte[] {'k'}, Pair.STRING, new byte[size - 8]));
            Message m = new Message(96, 0, List.of(), data);
            if (size == 65_535) {
                Check.equal(read(m.frame()).userData.get(0).bytes().length, size - 8, "the longest list");
            } else {
                Check.contains(Check.thrown(FrameException.class, m::frame, "too long"), "user data of 65536 bytes; at most 65535 fit", "too long");
            }
        }
        for (int depth : new int[] {8, 9}) {
            List<Pair> list = List.of();
            for (int i = 1; i < depth; i++) {
                list = List.of(Pair.list(new byte[] {'k'}, list));
            }
            Message m = new Message(96, 0, List.of(), list);
            if (depth == 8) {
                read(m.frame());
            } else {
                Check.contains(Check.thrown(FrameException.class, m::frame, "too deep"), "user data: list nested deeper than 8 levels", "too deep");
            }
        }
        List<Pair> key = List.of(Pair.integer(new byte[256], 1));
        Check.contains(Check.thrown(FrameException.class, () -> new Message(96, 0, List.of(), key).frame(), "key"), "key of 256 bytes", "key");
    }

    /** Whatever comes is read, or refused by an IOException. */
    private static void noise() throws IOException {
        Random random = new Random(1);
        byte[] good = bytes(GOLDEN);
        int read = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] b = good.clone();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                b[4 + random.nextInt(b.length - 4)] = (byte) random.nextInt();
            }
            try {
                Message m = read(b);
                List<Pair> again = m.userData == null ? null : new ArrayList<>(m.userData);
                Check.equal(hex(new Message(m.id, m.reference, m.attributes, again).frame()), hex(b), "packed again");
                read++;
            } catch (FrameException e) {
                // as it should be
            }
        }
        Check.that(read > 1000, "too few were read: " + read);
    }

    private static Message read(byte[] frame) throws IOException {
        return Message.read(new DataInputStream(new ByteArrayInputStream(frame)), () -> { });
    }

    private static byte[] bytes(String hex) {
        String h = hex.replace(" ", "");
        byte[] b = new byte[h.length() / 2];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) Integer.parseInt(h.substring(2 * i, 2 * i + 2), 16);
        }
        return b;
    }

    private static String hex(byte[] b) {
        StringBuilder s = new StringBuilder();
        for (byte x : b) {
            s.append(String.format("%02x", x));
        }
        return s.toString();
    }
}
