package commdn.bridge;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;

/** Writes JSON. Whoever uses it keeps objects and lists in order. */
final class Json {
    private final StringBuilder out = new StringBuilder(1 << 16);
    private boolean first = true;

    Json object(String key) {
        return key(key).open('{');
    }

    Json list(String key) {
        return key(key).open('[');
    }

    /** An object in a list, or the outermost one; it begins a line. */
    Json object() {
        comma();
        out.append('\n');
        return open('{');
    }

    Json endObject() {
        return close('}');
    }

    Json endList() {
        return close(']');
    }

    Json put(String key, String value) {
        key(key);
        quote(value);
        return this;
    }

    Json put(String key, int value) {
        key(key);
        out.append(value);
        return this;
    }

    /** A number, left out where it is null. */
    Json put(String key, Integer value) {
        return value == null ? this : put(key, value.intValue());
    }

    Json put(String key, Collection<Integer> values) {
        list(key);
        for (Integer v : values) {
            comma();
            out.append(v);
        }
        return endList();
    }

    /** What was written, and the end of the line, in UTF-8. */
    byte[] bytes() {
        out.append('\n');
        ByteBuffer b = StandardCharsets.UTF_8.encode(CharBuffer.wrap(out));
        return Arrays.copyOf(b.array(), b.limit());
    }

    private Json key(String key) {
        comma();
        quote(key);
        out.append(':');
        return this;
    }

    private Json open(char c) {
        out.append(c);
        first = true;
        return this;
    }

    private Json close(char c) {
        out.append(c);
        first = false;
        return this;
    }

    private void comma() {
        if (!first) {
            out.append(',');
        }
        first = false;
    }

    /** A text as JSON. */
    static String text(String text) {
        Json j = new Json();
        j.quote(text);
        return j.out.toString();
    }

    private void quote(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean lone = Character.isSurrogate(c)
                && !(Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1)))
                && !(Character.isLowSurrogate(c) && i > 0 && Character.isHighSurrogate(text.charAt(i - 1)));
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(lone ? '\ufffd' : c);
            }
        }
        out.append('"');
    }
}
