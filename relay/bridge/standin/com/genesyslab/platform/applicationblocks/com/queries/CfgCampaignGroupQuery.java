package com.genesyslab.platform.applicationblocks.com.queries;

import com.genesyslab.platform.applicationblocks.com.CfgFilterBasedQuery;
import com.genesyslab.platform.applicationblocks.com.objects.CfgCampaignGroup;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;

/** Stand-in. */
public class CfgCampaignGroupQuery extends CfgFilterBasedQuery<CfgCampaignGroup> {
    public CfgCampaignGroupQuery() {
        super(CfgObjectType.CFGCampaignGroup);
    }
}
