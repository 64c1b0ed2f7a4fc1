package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A change that the API server has stored.
 *
 * @param version the resourceVersion of the change
 * @param user who asked for it
 * @param kind such as {@code Task}
 * @param object the object after the change; a deleted one as it was last. Must not be changed
 */
public record StoredChange(long version, Change change, String user, String kind, ObjectNode object) {
    /** What happened to the object. */
    public enum Change {
        Created,
        Changed,
        Deleted
    }
}
