package commdn.standin;

import java.util.Set;
import java.util.TreeSet;

/**
 * What the stand-in is told by system properties: standin.habits is a list of
 * habits, each of which an SDK or a server may have.
 */
public final class Habits {
    /** Every habit, with what it does in the README. */
    private static final Set<String> KNOWN = Set.of("broken-jar", "null-dn", "null-code", "null-list", "swallow-link", "odd-values", "late-close");
    private static final Set<String> SET = new TreeSet<>();

    static {
        for (String habit : System.getProperty("standin.habits", "").split(",")) {
            if (!habit.isEmpty() && !KNOWN.contains(habit)) {
                throw new IllegalArgumentException("standin.habits: " + habit + " is none of " + new TreeSet<>(KNOWN));
            }
            SET.add(habit);
        }
    }

    private Habits() {
    }

    public static boolean has(String habit) {
        if (!KNOWN.contains(habit)) {
            throw new IllegalArgumentException(habit);
        }
        return SET.contains(habit);
    }

    /** Whether a secret is the one that the property names; any will do where there is no such property. */
    public static boolean accepts(String property, String secret) {
        String right = System.getProperty(property);
        return right == null || right.equals(secret);
    }
}
