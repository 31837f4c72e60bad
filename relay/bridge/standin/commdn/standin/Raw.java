package commdn.standin;

import com.genesyslab.platform.commons.collections.KeyValueCollection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Any value of an export in the form RAW: {"value": x} is x, one element may
 * stand for a list of one, digits may be numbers or texts. What is not there is
 * null, as with the SDK's getters.
 */
public final class Raw {
    private final Object value; // Map, List, String, Long, Double, Boolean or null

    public Raw(Object value) {
        Object v = value;
        while (v instanceof Map && ((Map<?, ?>) v).size() == 1 && ((Map<?, ?>) v).containsKey("value")) {
            v = ((Map<?, ?>) v).get("value");
        }
        this.value = v;
    }

    public boolean isNothing() {
        return value == null || "".equals(value);
    }

    public Raw get(String key) {
        return new Raw(value instanceof Map ? ((Map<?, ?>) value).get(key) : null);
    }

    /** The object itself, or the CfgGroup in it. */
    public Raw group() {
        Raw inner = get("groupInfo").isNothing() ? get("CfgGroup") : get("groupInfo");
        if (inner.isNothing()) {
            return this;
        }
        return inner.get("CfgGroup").isNothing() ? inner : inner.get("CfgGroup");
    }

    public String text() {
        return value instanceof Map || value instanceof List || isNothing() ? null : String.valueOf(value);
    }

    public Integer integer() {
        try {
            return text() == null ? null : Integer.valueOf(text());
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** An enumeration by number or name; null for one that the stand-in does not know. */
    public <E> E enumeration(Function<String, E> of) {
        return of.apply(text());
    }

    /** The elements of a list, which may be inside of an object under a name; empty where there are none. */
    public List<Raw> all(String... names) {
        for (String name : names) {
            if (value instanceof Map && ((Map<?, ?>) value).containsKey(name)) {
                return get(name).all();
            }
        }
        List<Raw> found = new ArrayList<>();
        if (value instanceof List) {
            ((List<?>) value).forEach(v -> found.add(new Raw(v)));
        } else if (!isNothing()) {
            found.add(this);
        }
        return found;
    }

    /** Numbers, as they are or under a key of elements; null where there is no list, as the SDK has it. */
    public List<Integer> integers(String element, String key) {
        if (isNothing()) {
            return null;
        }
        List<Integer> found = new ArrayList<>();
        for (Raw r : all(element, "DBID")) {
            Integer n = r.get(key).isNothing() ? r.integer() : r.get(key).integer();
            if (n != null) {
                found.add(n);
            }
        }
        return found;
    }

    /** Options: list_pair and str_pair, or objects in objects. */
    public KeyValueCollection sections() {
        if (isNothing()) {
            return null;
        }
        KeyValueCollection out = new KeyValueCollection();
        if (value instanceof Map && get("list_pair").isNothing() && get("key").isNothing()) {
            ((Map<?, ?>) value).forEach((name, options) -> out.addList((String) name, options(new Raw(options))));
        } else {
            all("list_pair").forEach(l -> out.addList(l.get("key").text(), options(l)));
        }
        return out;
    }

    private static KeyValueCollection options(Raw section) {
        KeyValueCollection out = new KeyValueCollection();
        if (section.get("key").isNothing() && section.value instanceof Map) {
            ((Map<?, ?>) section.value).forEach((key, v) -> out.addString((String) key, new Raw(v).text()));
        } else {
            section.all("str_pair", "value").forEach(p -> out.addString(p.get("key").text(), p.get("value").text()));
        }
        return out;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Raw && java.util.Objects.equals(((Raw) o).value, value);
    }

    @Override
    public int hashCode() {
        return java.util.Objects.hashCode(value);
    }
}
