package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * One change of one object.
 *
 * @param before null where it was created
 * @param after the object as it is now, and for a deletion as it was last; never changed by anybody
 */
record Event(long version, boolean deletion, @Nullable ObjectNode before, ObjectNode after) {}
