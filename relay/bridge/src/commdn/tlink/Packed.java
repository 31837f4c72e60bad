package commdn.tlink;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The packed form of a list. relay/tserver/tlink/README.md describes it. */
public final class Packed {
    public static final int MAX_KEY = 255;
    public static final int MAX_DEPTH = 8;
    private static final int MIN_PAIR = 6;

    private final byte[] bytes;
    private int at;

    private Packed(byte[] bytes, int from) {
        this.bytes = bytes;
        this.at = from;
    }

    /** Reads the list that is all of bytes[from, to). */
    static List<Pair> read(byte[] bytes, int from, int to) throws FrameException {
        Packed p = new Packed(bytes, from);
        List<Pair> list = p.list(to, MAX_DEPTH);
        if (p.at != to) {
            throw p.wrong((to - p.at) + " bytes after the list");
        }
        return list;
    }

    private List<Pair> list(int end, int depth) throws FrameException {
        if (depth == 0) {
            throw wrong("list nested deeper than " + MAX_DEPTH + " levels");
        }
        int n = u16(end, "count of pairs");
        if (n * MIN_PAIR > end - at) {
            throw wrong("count of " + n + " pairs with " + (end - at) + " bytes left");
        }
        List<Pair> list = new ArrayList<>(n);
        for (; n > 0; n--) {
            list.add(pair(end, depth));
        }
        return list;
    }

    private Pair pair(int end, int depth) throws FrameException {
        need(1, end, "type of a value");
        int kind = bytes[at++];
        byte[] key = take(u16(end, "length of a key"), end, "key");
        if (key.length == 0 || key.length > MAX_KEY) {
            throw wrong("key of " + key.length + " bytes instead of 1 to " + MAX_KEY);
        }
        int n = u16(end, "length of a value");
        need(n, end, "value");
        int stop = at + n;
        switch (kind) {
            case Pair.INT:
                if (n != 4) {
                    throw wrong("integer of " + n + " bytes instead of 4");
                }
                at = stop;
                return Pair.integer(key, ByteBuffer.wrap(bytes).getInt(stop - 4));
            case Pair.LIST:
                int inner = u16(stop, "length of a list");
                if (inner != stop - at) {
                    throw wrong("list of " + inner + " bytes in a value of " + n);
                }
                Pair nested = Pair.list(key, list(stop, depth - 1));
                if (at != stop) {
                    throw wrong((stop - at) + " bytes after a nested list");
                }
                return nested;
            case Pair.UNICODE:
                byte[] text = take(n, end, "value");
                utf8(text);
                return Pair.bytes(key, kind, text);
            case Pair.STRING:
            case Pair.BINARY:
                return Pair.bytes(key, kind, take(n, end, "value"));
            default:
                throw wrong("unknown type of value " + (kind & 0xff));
        }
    }

    private void utf8(byte[] text) throws FrameException {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
        } catch (CharacterCodingException e) {
            throw wrong("unicode value is not UTF-8");
        }
    }

    private int u16(int end, String what) throws FrameException {
        need(2, end, what);
        at += 2;
        return (bytes[at - 2] & 0xff) << 8 | bytes[at - 1] & 0xff;
    }

    private byte[] take(int n, int end, String what) throws FrameException {
        need(n, end, what);
        byte[] part = new byte[n];
        System.arraycopy(bytes, at, part, 0, n);
        at += n;
        return part;
    }

    private void need(int n, int end, String what) throws FrameException {
        if (n > end - at) {
            throw wrong(what + " of " + n + " bytes with " + (end - at) + " left");
        }
    }

    private FrameException wrong(String what) {
        return new FrameException(what + " at byte " + at + " of the frame");
    }

    /** The bytes of a list once packed; more than a list may have where it is too long. */
    static long size(List<Pair> list, int depth) throws FrameException {
        if (depth == 0) {
            throw new FrameException("list nested deeper than " + MAX_DEPTH + " levels");
        }
        long size = 2;
        for (Pair p : list) {
            if (p.key.length == 0 || p.key.length > MAX_KEY) {
                throw new FrameException("key of " + p.key.length + " bytes instead of 1 to " + MAX_KEY);
            }
            size += 5 + p.key.length;
            switch (p.kind) {
                case Pair.INT:
                    size += 4;
                    break;
                case Pair.LIST:
                    size += 2 + size(p.list(), depth - 1);
                    break;
                default:
                    size += p.bytes().length;
            }
        }
        return size;
    }

    /** Writes a list that size has been asked about. */
    static void write(ByteBuffer out, List<Pair> list) {
        out.putShort((short) list.size());
        for (Pair p : list) {
            out.put((byte) p.kind).putShort((short) p.key.length).put(p.key);
            switch (p.kind) {
                case Pair.INT:
                    out.putShort((short) 4).putInt(p.integer());
                    break;
                case Pair.LIST:
                    int start = out.position();
                    out.position(start + 4);
                    write(out, p.list());
                    int inner = out.position() - start - 4;
                    out.putShort(start, (short) (inner + 2)).putShort(start + 2, (short) inner);
                    break;
                default:
                    out.putShort((short) p.bytes().length).put(p.bytes());
            }
        }
    }
}
