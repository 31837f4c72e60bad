package com.genesyslab.platform.applicationblocks.com;

import com.genesyslab.platform.applicationblocks.commons.broker.SubscriptionService;
import com.genesyslab.platform.commons.threading.AsyncInvoker;
import java.util.Collection;

/** Stand-in. */
public interface IConfService extends SubscriptionService<ConfEvent> {
    <T extends ICfgObject> Collection<T> retrieveMultipleObjects(Class<T> kind, ICfgQuery<T> query, long millis)
        throws ConfigException, InterruptedException;

    Subscription subscribe(NotificationQuery query) throws ConfigException;

    void setBrokerInvoker(AsyncInvoker invoker);
}
