package dev.taskqueue.operator.domain;

/** The identity of one TaskBatch object. Two objects with the same name, one after the other, differ in {@code uid}. Equality depends on {@code uid} alone. */
public record BatchId(String namespace, String name, String uid) implements ObjectId {
    @Override
    public boolean equals(Object other) {
        return other instanceof BatchId that && uid.equals(that.uid);
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
