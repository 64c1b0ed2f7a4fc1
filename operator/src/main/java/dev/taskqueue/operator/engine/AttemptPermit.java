package dev.taskqueue.operator.engine;

/**
 * Everything that a delivery holds for one attempt: a slot of its lane, room in the pools of the {@code SharedLimiter} and, once it departs, a
 * token of its queue's rate. {@code LaneState.release} gives everything back, once. The lane's lock guards it.
 */
final class AttemptPermit {
    /** Bytes. */
    final long size;

    private Pool pool;
    private boolean tookToken;
    private boolean hasToken;
    private boolean closed;

    /** The pool that counts it. */
    enum Pool {
        /** No pool: an attempt of an earlier process, which takes only a slot. */
        NONE,
        REQUESTS,
        UNWRITTEN
    }

    AttemptPermit(long size, Pool pool) {
        this.size = size;
        this.pool = pool;
    }

    static AttemptPermit ofClaim() {
        return new AttemptPermit(0, Pool.NONE);
    }

    Pool pool() {
        return pool;
    }

    void moveTo(Pool next) {
        pool = next;
    }

    void takeToken() {
        tookToken = true;
        hasToken = true;
    }

    /** The request has left, so its token is used up. */
    void spendToken() {
        hasToken = false;
    }

    /** The request has not left after all. Only a permit that took a token gets one back. */
    void unspendToken() {
        hasToken = tookToken;
    }

    boolean hasToken() {
        return hasToken;
    }

    /** Returns false if it was closed already. */
    boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }
}
