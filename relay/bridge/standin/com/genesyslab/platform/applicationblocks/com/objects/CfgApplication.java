package com.genesyslab.platform.applicationblocks.com.objects;

import com.genesyslab.platform.applicationblocks.com.CfgObject;
import com.genesyslab.platform.configuration.protocol.types.CfgAppType;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectState;
import commdn.standin.Raw;
import java.util.Collection;
import java.util.stream.Collectors;

/** Stand-in. */
public final class CfgApplication extends CfgObject {
    CfgApplication(Raw raw) {
        super(raw);
    }

    public final Integer getDBID() {
        return integer("DBID");
    }

    public final String getName() {
        return text("name");
    }

    public final CfgAppType getType() {
        return raw().get("type").enumeration(CfgAppType::of);
    }

    public final CfgObjectState getState() {
        return raw().get("state").enumeration(CfgObjectState::of);
    }

    public final Collection<CfgConnInfo> getAppServers() {
        return raw().get("appServerDBIDs").all("CfgConnectionInfo").stream().map(CfgConnInfo::new).collect(Collectors.toList());
    }

    public final Collection<Integer> getTenantDBIDs() {
        return raw().get("tenantDBIDs").integers("CfgAppTenant", "tenantDBID");
    }

    public final CfgServer getServerInfo() {
        return raw().get("serverInfo").get("CfgServer").isNothing() ? null : new CfgServer(raw().get("serverInfo").get("CfgServer"));
    }
}
