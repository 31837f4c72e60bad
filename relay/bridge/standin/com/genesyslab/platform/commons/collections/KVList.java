package com.genesyslab.platform.commons.collections;

import java.util.AbstractCollection;

/** Stand-in: a Collection of pairs, in their order, in which a key may repeat. */
public abstract class KVList extends AbstractCollection<Object> {
}
