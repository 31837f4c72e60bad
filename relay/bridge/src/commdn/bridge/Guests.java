package commdn.bridge;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The connections of a listener. A newcomer takes no relay's place: it gets one
 * when it has said who it is and what it wants, so that whoever only connects,
 * without a certificate for one, keeps no relay out.
 */
final class Guests<T> {
    private static final int MAX_NEW = 32; // the oldest one makes room for the next

    private final int most;
    private final Consumer<T> drop;

    // Guarded by this.
    private final Set<T> newcomers = new LinkedHashSet<>(); // the oldest first
    private final Set<T> staying = new LinkedHashSet<>();

    /** most is how many may stay; drop ends the connection of a newcomer, and may not block. */
    Guests(int most, Consumer<T> drop) {
        this.most = most;
        this.drop = drop;
    }

    /** Takes a newcomer in. */
    void came(T guest) {
        T oldest = null;
        synchronized (this) {
            if (newcomers.size() >= MAX_NEW) {
                oldest = newcomers.iterator().next();
                newcomers.remove(oldest);
            }
            newcomers.add(guest);
        }
        if (oldest != null) {
            drop.accept(oldest);
        }
    }

    /** Gives a newcomer a place; false says that there is none, or that it was dropped. */
    synchronized boolean stays(T guest) {
        return newcomers.remove(guest) && staying.size() < most && staying.add(guest);
    }

    synchronized void gone(T guest) {
        newcomers.remove(guest);
        staying.remove(guest);
    }

    synchronized List<T> all() {
        List<T> all = new ArrayList<>(newcomers);
        all.addAll(staying);
        return all;
    }
}
