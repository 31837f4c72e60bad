package com.genesyslab.platform.applicationblocks.commons.broker;

import com.genesyslab.platform.applicationblocks.commons.Action;
import com.genesyslab.platform.applicationblocks.commons.Predicate;

/** Stand-in. */
public interface SubscriptionService<T> {
    void register(Action<T> action, Predicate<T> filter);
}
