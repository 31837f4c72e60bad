package commdn.bridge;

import com.genesyslab.platform.applicationblocks.com.objects.CfgAgentGroup;
import com.genesyslab.platform.applicationblocks.com.objects.CfgApplication;
import com.genesyslab.platform.applicationblocks.com.objects.CfgCampaign;
import com.genesyslab.platform.applicationblocks.com.objects.CfgCampaignGroup;
import com.genesyslab.platform.applicationblocks.com.objects.CfgConnInfo;
import com.genesyslab.platform.applicationblocks.com.objects.CfgDN;
import com.genesyslab.platform.applicationblocks.com.objects.CfgGroup;
import com.genesyslab.platform.applicationblocks.com.objects.CfgPlaceGroup;
import com.genesyslab.platform.applicationblocks.com.objects.CfgServer;
import com.genesyslab.platform.applicationblocks.com.objects.CfgSwitch;
import com.genesyslab.platform.applicationblocks.com.objects.CfgTenant;
import com.genesyslab.platform.commons.GEnum;
import com.genesyslab.platform.commons.collections.KeyValueCollection;
import com.genesyslab.platform.commons.collections.KeyValuePair;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Objects of Configuration Server as the JSON that relay/directory reads. Every
 * getter may give null. An object without DBID, or without the name that the
 * relay needs, is left out and counted, as it would spoil the whole directory.
 */
final class Directory {
    /** The one option of a CommDN that matters; the rest of the annex is nobody's business. */
    private static final String OPTION = "outbound_contact_server";

    private final Json json = new Json();
    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private final List<String> leftOut = new ArrayList<>();

    /** How many of each kind there are. */
    Map<String, Integer> counts() {
        return counts;
    }

    /** What was left out, and why. */
    List<String> leftOut() {
        return leftOut;
    }

    /** The JSON without what stands before the objects, as the metadata changes even where nothing else has. Ends the directory. */
    byte[] body() {
        return json.endObject().bytes();
    }

    void applications(Collection<CfgApplication> all) {
        each("CFGApplication", all, CfgApplication::getDBID, a -> a.getName(), a -> {
            json.put("type", number(a.getType())).put("state", number(a.getState()));
            json.object("appServerDBIDs").list("CfgConnectionInfo");
            for (CfgConnInfo c : list(a.getAppServers())) {
                if (dbid(c.getAppServerDBID()) != null) {
                    json.object().put("appServerDBID", dbid(c.getAppServerDBID())).endObject();
                }
            }
            json.endList().endObject();
            json.object("tenantDBIDs").put("DBID", dbids(a.getTenantDBIDs())).endObject();
            CfgServer server = a.getServerInfo();
            if (server != null) {
                json.object("serverInfo").object("CfgServer").put("backupServerDBID", dbid(server.getBackupServerDBID())).endObject().endObject();
            }
        });
    }

    void dns(Collection<CfgDN> all) {
        each("CFGDN", all, CfgDN::getDBID, null, dn -> {
            json.put("number", dn.getNumber()).put("type", number(dn.getType())).put("switchDBID", dbid(dn.getSwitchDBID()));
            json.put("tenantDBID", dbid(dn.getTenantDBID())).put("state", number(dn.getState()));
            json.object("userProperties").list("list_pair");
            for (Map.Entry<String, String> e : options(dn.getUserProperties()).entrySet()) {
                json.object().put("key", e.getKey()).list("str_pair");
                json.object().put("key", OPTION).put("value", e.getValue()).endObject().endList().endObject();
            }
            json.endList().endObject();
        });
    }

    void campaigns(Collection<CfgCampaign> all) {
        each("CFGCampaign", all, CfgCampaign::getDBID, CfgCampaign::getName, c ->
            json.put("tenantDBID", dbid(c.getTenantDBID())).put("state", number(c.getState())));
    }

    void campaignGroups(Collection<CfgCampaignGroup> all) {
        each("CFGCampaignGroup", all, CfgCampaignGroup::getDBID, null, g -> {
            json.put("campaignDBID", g.getCampaignDBID()).put("groupDBID", g.getGroupDBID()).put("state", number(g.getState()));
            json.object("serverDBIDs").put("DBID", dbids(g.getServerDBIDs())).endObject();
        });
    }

    void agentGroups(Collection<CfgAgentGroup> all) {
        groups("CFGAgentGroup", all, CfgAgentGroup::getDBID, CfgAgentGroup::getGroupInfo);
    }

    void placeGroups(Collection<CfgPlaceGroup> all) {
        groups("CFGPlaceGroup", all, CfgPlaceGroup::getDBID, CfgPlaceGroup::getGroupInfo);
    }

    private <T> void groups(String kind, Collection<T> all, Function<T, Integer> dbid, Function<T, CfgGroup> info) {
        each(kind, all, dbid, g -> info.apply(g) == null ? null : info.apply(g).getName(), g ->
            json.put("tenantDBID", dbid(info.apply(g).getTenantDBID())).put("state", number(info.apply(g).getState())));
    }

    void tenants(Collection<CfgTenant> all) {
        each("CFGTenant", all, CfgTenant::getDBID, CfgTenant::getName, t -> json.put("state", number(t.getState())));
    }

    void switches(Collection<CfgSwitch> all) {
        each("CFGSwitch", all, CfgSwitch::getDBID, CfgSwitch::getName, s ->
            json.put("TServerDBID", dbid(s.getTServerDBID())).put("state", number(s.getState())));
    }

    /** Writes the objects of a kind in the order of their DBIDs. name is null of a kind that needs none. */
    private <T> void each(String kind, Collection<T> all, Function<T, Integer> dbid, Function<T, String> name, java.util.function.Consumer<T> rest) {
        List<T> good = new ArrayList<>();
        for (T o : list(all)) {
            if (dbid.apply(o) == null || dbid.apply(o) < 1) {
                leftOut.add(kind + " without a DBID");
            } else if (name != null && empty(name.apply(o))) {
                leftOut.add(kind + " " + dbid.apply(o) + " without a name");
            } else if (o instanceof CfgDN && empty(((CfgDN) o).getNumber())) {
                leftOut.add(kind + " " + dbid.apply(o) + " without a number");
            } else if (o instanceof CfgCampaignGroup && unlinked((CfgCampaignGroup) o)) {
                leftOut.add(kind + " " + dbid.apply(o) + " without a campaign or a group");
            } else {
                good.add(o);
            }
        }
        good.sort(Comparator.comparing(dbid));
        counts.put(kind, good.size());
        json.list(kind);
        for (T o : good) {
            json.object().put("DBID", dbid.apply(o));
            if (name != null) {
                json.put("name", name.apply(o));
            }
            rest.accept(o);
            json.endObject();
        }
        json.endList();
    }

    /** A reference to another object; null where it refers to none. */
    private static Integer dbid(Integer reference) {
        return reference == null || reference < 1 ? null : reference;
    }

    private static List<Integer> dbids(Collection<Integer> references) {
        List<Integer> some = list(references);
        some.removeIf(r -> dbid(r) == null);
        return some;
    }

    private static boolean empty(String text) {
        return text == null || text.isEmpty();
    }

    private static boolean unlinked(CfgCampaignGroup g) {
        return g.getCampaignDBID() == null || g.getCampaignDBID() < 1 || g.getGroupDBID() == null || g.getGroupDBID() < 1;
    }

    /** The option by section, from lists in a list. */
    private static Map<String, String> options(KeyValueCollection sections) {
        Map<String, String> found = new TreeMap<>();
        for (KeyValuePair section : pairs(sections)) {
            if (!(section.getValue() instanceof KeyValueCollection) || section.getStringKey() == null) {
                continue;
            }
            for (KeyValuePair option : pairs(section.getTKVValue())) {
                if (OPTION.equalsIgnoreCase(option.getStringKey()) && option.getValue() != null) {
                    found.put(section.getStringKey(), String.valueOf(option.getValue()));
                }
            }
        }
        return found;
    }

    private static List<KeyValuePair> pairs(KeyValueCollection list) {
        List<KeyValuePair> all = new ArrayList<>();
        if (list != null) {
            for (Object o : list) {
                all.add((KeyValuePair) o);
            }
        }
        return all;
    }

    private static <T> List<T> list(Collection<T> all) {
        List<T> some = new ArrayList<>();
        if (all != null) {
            all.stream().filter(Objects::nonNull).forEach(some::add);
        }
        return some;
    }

    /** A value that is newer than the SDK may be null. */
    private static int number(GEnum e) {
        return e == null ? 0 : e.ordinal();
    }
}
