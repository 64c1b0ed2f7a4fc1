package dev.taskqueue.operator.domain;

/** One Task object. Two objects that bear the same name one after the other differ in {@code uid}, which alone decides equality. */
public record TaskId(String namespace, String name, String uid) {
    @Override
    public boolean equals(Object other) {
        return other instanceof TaskId that && uid.equals(that.uid);
    }

    @Override
    public int hashCode() {
        return uid.hashCode();
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
