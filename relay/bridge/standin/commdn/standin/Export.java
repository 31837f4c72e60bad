package commdn.standin;

import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The objects of an export, by type and DBID. */
public final class Export {
    private static final CfgObjectType[] TYPES = {
        CfgObjectType.CFGSwitch, CfgObjectType.CFGDN, CfgObjectType.CFGAgentGroup, CfgObjectType.CFGPlaceGroup, CfgObjectType.CFGTenant,
        CfgObjectType.CFGApplication, CfgObjectType.CFGCampaign, CfgObjectType.CFGCampaignGroup,
    };

    private final Map<CfgObjectType, Map<Integer, Raw>> objects = new HashMap<>();

    private Export() {
    }

    /** Called for each difference. */
    public interface Change {
        void of(CfgObjectType type, int dbid, Raw before, Raw after);
    }

    public static Export read(Path file) throws IOException {
        Export e = new Export();
        Raw all = new Raw(Json.read(Files.readString(file)));
        for (CfgObjectType type : TYPES) {
            Map<Integer, Raw> some = new TreeMap<>();
            for (Raw r : all.get(type.name()).all()) {
                Integer dbid = r.group().get("DBID").integer();
                some.put(dbid == null ? -some.size() - 1 : dbid, r);
            }
            e.objects.put(type, some);
        }
        return e;
    }

    public Iterable<Raw> all(CfgObjectType type) {
        return objects.get(type).values();
    }

    public void changes(Export after, Change each) {
        objects.forEach((type, before) -> {
            Map<Integer, Raw> now = after.objects.get(type);
            before.forEach((dbid, r) -> {
                if (!r.equals(now.get(dbid))) {
                    each.of(type, dbid, r, now.get(dbid));
                }
            });
            now.forEach((dbid, r) -> {
                if (!before.containsKey(dbid)) {
                    each.of(type, dbid, null, r);
                }
            });
        });
    }
}
