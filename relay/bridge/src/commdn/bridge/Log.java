package commdn.bridge;

import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Lines on standard error, in the form of the relay's: time, level, msg, then
 * keys and values. User data names customers and is never given to it.
 */
final class Log {
    enum Level { DEBUG, INFO, WARN, ERROR }

    private static volatile Level least = Level.INFO;
    private static final PrintStream OUT = System.err;

    private Log() {
    }

    static void level(Level level) {
        least = level;
    }

    static void debug(String msg, Object... keysAndValues) {
        line(Level.DEBUG, msg, keysAndValues);
    }

    static void info(String msg, Object... keysAndValues) {
        line(Level.INFO, msg, keysAndValues);
    }

    static void warn(String msg, Object... keysAndValues) {
        line(Level.WARN, msg, keysAndValues);
    }

    static void error(String msg, Object... keysAndValues) {
        line(Level.ERROR, msg, keysAndValues);
    }

    private static void line(Level level, String msg, Object... keysAndValues) {
        if (level.compareTo(least) < 0) {
            return;
        }
        StringBuilder b = new StringBuilder(160);
        b.append("time=").append(Instant.now().truncatedTo(ChronoUnit.MILLIS)).append(" level=").append(level);
        b.append(" msg=").append(quote(msg));
        for (int i = 0; i + 1 < keysAndValues.length; i += 2) {
            b.append(' ').append(keysAndValues[i]).append('=').append(quote(String.valueOf(keysAndValues[i + 1])));
        }
        OUT.println(b);
    }

    /** As Go's slog does it: in quotes where a line would be misread without. */
    private static String quote(String text) {
        boolean plain = !text.isEmpty();
        StringBuilder b = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            plain &= c > ' ' && c != '"' && c != '=' && c != '\\' && c != 0x7f;
            if (c == '"' || c == '\\') {
                b.append('\\').append(c);
            } else if (c == '\n') {
                b.append("\\n");
            } else if (c < ' ' || c == 0x7f) {
                b.append(String.format("\\x%02x", (int) c));
            } else {
                b.append(c);
            }
        }
        return plain ? text : b.append('"').toString();
    }
}
