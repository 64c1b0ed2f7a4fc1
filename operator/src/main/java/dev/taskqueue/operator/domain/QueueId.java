package dev.taskqueue.operator.domain;

/** The namespace and name of a TaskQueue. */
public record QueueId(String namespace, String name) {
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
