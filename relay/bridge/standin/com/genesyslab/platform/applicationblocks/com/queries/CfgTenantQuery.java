package com.genesyslab.platform.applicationblocks.com.queries;

import com.genesyslab.platform.applicationblocks.com.CfgFilterBasedQuery;
import com.genesyslab.platform.applicationblocks.com.objects.CfgTenant;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;

/** Stand-in. */
public class CfgTenantQuery extends CfgFilterBasedQuery<CfgTenant> {
    public CfgTenantQuery() {
        super(CfgObjectType.CFGTenant);
    }

    /** Without 1 the tenant with DBID 1 is not among those that are read. */
    public final void setAllTenants(int all) {
        condition("all_tenants", all);
    }
}
