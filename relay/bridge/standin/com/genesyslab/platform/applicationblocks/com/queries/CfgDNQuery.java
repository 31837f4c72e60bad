package com.genesyslab.platform.applicationblocks.com.queries;

import com.genesyslab.platform.applicationblocks.com.CfgFilterBasedQuery;
import com.genesyslab.platform.applicationblocks.com.objects.CfgDN;
import com.genesyslab.platform.configuration.protocol.types.CfgDNType;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;

/** Stand-in. */
public class CfgDNQuery extends CfgFilterBasedQuery<CfgDN> {
    public CfgDNQuery() {
        super(CfgObjectType.CFGDN);
    }

    public final void setDnType(CfgDNType type) {
        condition("type", type.ordinal());
    }
}
