package dev.taskqueue.operator.domain;

/** The identity of one Task object. Two objects with the same name, one after the other, differ in {@code uid}. Equality depends on {@code uid} alone. */
public record TaskId(String namespace, String name, String uid) implements DeliveryKey, ObjectId {
    @Override
    public String idempotencyKey() {
        return uid;
    }

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
