package commdn.tlink;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** One message of tlink, in either direction. */
public final class Message {
    /** Sizes in bytes. */
    public static final int MAX_ATTRIBUTES = 16000;
    public static final int MAX_USER_DATA = 65535;
    private static final int HEAD = 1 + 4 + 2; // behind the length
    private static final int MIN = HEAD + 2;
    private static final int MAX = HEAD + MAX_ATTRIBUTES + MAX_USER_DATA;

    public final int id;
    public final int reference; // unsigned; 0 in what no request asked for
    public final List<Pair> attributes;
    public final List<Pair> userData; // null is none
    public final int bytes; // of the frame that it came in; 0 where it came in none

    public Message(int id, int reference, List<Pair> attributes, List<Pair> userData) {
        this(id, reference, attributes, userData, 0);
    }

    private Message(int id, int reference, List<Pair> attributes, List<Pair> userData, int bytes) {
        this.id = id;
        this.reference = reference;
        this.attributes = attributes;
        this.userData = userData;
        this.bytes = bytes;
    }

    public Message(int id, int reference, Pair... attributes) {
        this(id, reference, List.of(attributes), null);
    }

    /** The text of an attribute, null where there is none. */
    public String text(String key) {
        for (Pair p : attributes) {
            if ((p.kind == Pair.STRING || p.kind == Pair.UNICODE) && p.is(key)) {
                return new String(p.bytes(), StandardCharsets.UTF_8);
            }
        }
        return null;
    }

    /** The number of an attribute, null where there is none. */
    public Integer number(String key) {
        for (Pair p : attributes) {
            if (p.kind == Pair.INT && p.is(key)) {
                return p.integer();
            }
        }
        return null;
    }

    /** Whether the attribute is there, of whatever kind. */
    public boolean has(String key) {
        return attributes.stream().anyMatch(p -> p.is(key));
    }

    /** The message as one frame. */
    public byte[] frame() throws FrameException {
        int ofAttributes = size("attributes", attributes, MAX_ATTRIBUTES);
        int ofData = userData == null ? 0 : size("user data", userData, MAX_USER_DATA);
        ByteBuffer out = ByteBuffer.allocate(4 + HEAD + ofAttributes + ofData);
        out.putInt(out.capacity() - 4).put((byte) id).putInt(reference).putShort((short) ofAttributes);
        Packed.write(out, attributes);
        if (userData != null) {
            Packed.write(out, userData);
        }
        return out.array();
    }

    private static int size(String part, List<Pair> list, int limit) throws FrameException {
        long size;
        try {
            size = Packed.size(list, Packed.MAX_DEPTH);
        } catch (FrameException e) {
            throw new FrameException(part + ": " + e.getMessage());
        }
        if (size > limit) {
            throw new FrameException(part + " of " + size + " bytes; at most " + limit + " fit");
        }
        return (int) size;
    }

    /**
     * Waits for the next message. The end of the stream between two frames is
     * null, within one an EOFException. The length is judged before memory is
     * taken for the frame. begun is run when the first byte of a frame has come.
     */
    public static Message read(DataInputStream in, Runnable begun) throws IOException {
        int first = in.read();
        if (first < 0) {
            return null;
        }
        begun.run();
        try {
            int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
            if (length < MIN || length > MAX) {
                throw new FrameException("frame of " + (length & 0xffffffffL) + " bytes; " + MIN + " to " + MAX + " are possible");
            }
            byte[] frame = new byte[length];
            in.readFully(frame);
            return decode(frame);
        } catch (EOFException e) {
            throw new EOFException("the connection ended in the middle of a frame");
        }
    }

    private static Message decode(byte[] b) throws FrameException {
        ByteBuffer in = ByteBuffer.wrap(b);
        int id = in.get() & 0xff;
        int reference = in.getInt();
        int attributesEnd = HEAD + (in.getShort() & 0xffff);
        if (attributesEnd > b.length) {
            throw new FrameException("attributes end " + (attributesEnd - b.length) + " bytes behind the frame");
        }
        if (attributesEnd - HEAD > MAX_ATTRIBUTES) {
            throw new FrameException("attributes of " + (attributesEnd - HEAD) + " bytes; at most " + MAX_ATTRIBUTES + " fit");
        }
        List<Pair> attributes = Packed.read(b, HEAD, attributesEnd);
        if (b.length - attributesEnd > MAX_USER_DATA) {
            throw new FrameException("user data of " + (b.length - attributesEnd) + " bytes; at most " + MAX_USER_DATA + " fit");
        }
        List<Pair> userData = attributesEnd == b.length ? null : Packed.read(b, attributesEnd, b.length);
        return new Message(id, reference, attributes, userData, b.length);
    }
}
