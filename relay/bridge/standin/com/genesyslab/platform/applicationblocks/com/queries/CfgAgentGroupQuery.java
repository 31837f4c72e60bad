package com.genesyslab.platform.applicationblocks.com.queries;

import com.genesyslab.platform.applicationblocks.com.CfgFilterBasedQuery;
import com.genesyslab.platform.applicationblocks.com.objects.CfgAgentGroup;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;

/** Stand-in. */
public class CfgAgentGroupQuery extends CfgFilterBasedQuery<CfgAgentGroup> {
    public CfgAgentGroupQuery() {
        super(CfgObjectType.CFGAgentGroup);
    }
}
