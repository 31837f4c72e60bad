package com.genesyslab.platform.voice.protocol.tserver;

import com.genesyslab.platform.commons.collections.KeyValueCollection;

/** Stand-in: what a user event is made of. */
public class CommonProperties {
    private KeyValueCollection userData;
    private Integer userEvent;
    private String thisDN;

    private CommonProperties() {
    }

    public static CommonProperties create() {
        return new CommonProperties();
    }

    public void setUserData(KeyValueCollection data) {
        userData = data;
    }

    public KeyValueCollection getUserData() {
        return userData;
    }

    public void setUserEvent(int event) {
        userEvent = event;
    }

    public Integer getUserEvent() {
        return userEvent;
    }

    public void setThisDN(String dn) {
        thisDN = dn;
    }

    public String getThisDN() {
        return thisDN;
    }
}
