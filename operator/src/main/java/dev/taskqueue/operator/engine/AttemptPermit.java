package dev.taskqueue.operator.engine;

/**
 * All that a delivery holds while it is under way, as one thing: a slot of its lane, its places in the pools of the {@link SharedLimiter}, and once it
 * departs a token of its queue's rate. {@link Lane#giveBack} gives everything back, once. Its lane guards it.
 */
final class AttemptPermit {
    /** Bytes. */
    final long size;

    private Place place;
    private boolean tookToken;
    private boolean hasToken;

    /** Which pool counts it. */
    enum Place {
        /** An attempt of an earlier process, which takes a slot alone. */
        NONE,
        REQUESTS,
        UNWRITTEN
    }

    private boolean closed;

    AttemptPermit(long size, Place place) {
        this.size = size;
        this.place = place;
    }

    static AttemptPermit ofClaim() {
        return new AttemptPermit(0, Place.NONE);
    }

    Place place() {
        return place;
    }

    void moveTo(Place next) {
        place = next;
    }

    void takesToken() {
        tookToken = true;
        hasToken = true;
    }

    /** The request has left, and the token with it. */
    void spendToken() {
        hasToken = false;
    }

    /** It has not left after all. Only a pass that took a token gets one back. */
    void unspendToken() {
        hasToken = tookToken;
    }

    boolean hasToken() {
        return hasToken;
    }

    /** Returns false where it was closed already. */
    boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }
}
