package com.genesyslab.platform.applicationblocks.com.queries;

import com.genesyslab.platform.applicationblocks.com.CfgFilterBasedQuery;
import com.genesyslab.platform.applicationblocks.com.objects.CfgCampaign;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;

/** Stand-in. */
public class CfgCampaignQuery extends CfgFilterBasedQuery<CfgCampaign> {
    public CfgCampaignQuery() {
        super(CfgObjectType.CFGCampaign);
    }
}
