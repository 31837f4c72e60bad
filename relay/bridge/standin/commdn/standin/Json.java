package commdn.standin;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads JSON into maps, lists, texts, numbers, booleans and null. */
public final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    public static Object read(String text) throws IOException {
        Json j = new Json(text);
        Object v = j.value();
        j.blanks();
        if (j.at != text.length()) {
            throw j.wrong();
        }
        return v;
    }

    private Object value() throws IOException {
        blanks();
        char c = at < text.length() ? text.charAt(at) : 0;
        switch (c) {
            case '{':
                return object();
            case '[':
                return list();
            case '"':
                return string();
            default:
                return word();
        }
    }

    private Map<String, Object> object() throws IOException {
        Map<String, Object> m = new LinkedHashMap<>();
        at++;
        while (!next('}')) {
            if (!m.isEmpty()) {
                need(',');
            }
            blanks();
            String key = string();
            need(':');
            m.put(key, value());
        }
        return m;
    }

    private List<Object> list() throws IOException {
        List<Object> l = new ArrayList<>();
        at++;
        while (!next(']')) {
            if (!l.isEmpty()) {
                need(',');
            }
            l.add(value());
        }
        return l;
    }

    private String string() throws IOException {
        need('"');
        StringBuilder b = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c != '\\') {
                b.append(c);
                continue;
            }
            char e = at < text.length() ? text.charAt(at++) : 0;
            if (e == 'u' && at + 4 <= text.length()) {
                b.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                at += 4;
            } else {
                int i = "\"\\/bfnrt".indexOf(e);
                if (i < 0) {
                    throw wrong();
                }
                b.append("\"\\/\b\f\n\r\t".charAt(i));
            }
        }
        need('"');
        return b.toString();
    }

    private Object word() throws IOException {
        int from = at;
        while (at < text.length() && "+-.".indexOf(text.charAt(at)) + 1 + (Character.isLetterOrDigit(text.charAt(at)) ? 1 : 0) > 0) {
            at++;
        }
        String w = text.substring(from, at);
        switch (w) {
            case "true":
                return true;
            case "false":
                return false;
            case "null":
                return null;
            default:
        }
        try {
            return w.matches("-?\\d+") ? (Object) Long.valueOf(w) : (Object) Double.valueOf(w);
        } catch (NumberFormatException e) {
            throw wrong();
        }
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean next(char c) {
        blanks();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void need(char c) throws IOException {
        if (!next(c)) {
            throw wrong();
        }
    }

    private IOException wrong() {
        return new IOException("no JSON at character " + at);
    }
}
