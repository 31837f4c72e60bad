package com.genesyslab.platform.applicationblocks.com.queries;

import com.genesyslab.platform.applicationblocks.com.CfgFilterBasedQuery;
import com.genesyslab.platform.applicationblocks.com.objects.CfgApplication;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;

/** Stand-in. */
public class CfgApplicationQuery extends CfgFilterBasedQuery<CfgApplication> {
    public CfgApplicationQuery() {
        super(CfgObjectType.CFGApplication);
    }
}
