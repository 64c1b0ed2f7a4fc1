package dev.taskqueue.operator.simulation.apiserver;

import java.nio.charset.StandardCharsets;

/** The types of watch events that show a change. */
enum EventType {
    ADDED,
    MODIFIED,
    DELETED;

    @SuppressWarnings("ImmutableEnumChecker")
    private final byte[] head = ("{\"type\":\"" + name() + "\",\"object\":").getBytes(StandardCharsets.UTF_8);

    /** The line of an event until its object. */
    byte[] head() {
        return head;
    }
}
