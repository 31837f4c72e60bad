package com.genesyslab.platform.applicationblocks.com.queries;

import com.genesyslab.platform.applicationblocks.com.CfgFilterBasedQuery;
import com.genesyslab.platform.applicationblocks.com.objects.CfgPlaceGroup;
import com.genesyslab.platform.configuration.protocol.types.CfgObjectType;

/** Stand-in. */
public class CfgPlaceGroupQuery extends CfgFilterBasedQuery<CfgPlaceGroup> {
    public CfgPlaceGroupQuery() {
        super(CfgObjectType.CFGPlaceGroup);
    }
}
