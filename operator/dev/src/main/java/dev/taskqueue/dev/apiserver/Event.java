package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * One change of one object.
 *
 * @param before null if the object was created
 * @param after the object as it is now, or for a deletion its last state; nobody changes it
 */
record Event(long version, boolean deletion, @Nullable ObjectNode before, ObjectNode after) {}
