package dev.taskqueue.operator.domain;

/** A TaskQueue's place in the cluster. */
public record QueueId(String namespace, String name) {
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
