package com.genesyslab.platform.applicationblocks.com.queries;

import com.genesyslab.platform.applicationblocks.com.CfgFilterBasedQuery;
import com.genesyslab.platform.applicationblocks.com.objects.CfgSwitch;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;

/** Stand-in. */
public class CfgSwitchQuery extends CfgFilterBasedQuery<CfgSwitch> {
    public CfgSwitchQuery() {
        super(CfgObjectType.CFGSwitch);
    }
}
