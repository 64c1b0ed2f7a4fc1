package dev.taskqueue.operator.engine;

/**
 * Decides whether a delivery may leave, apart from the permit and the token that it has to take. The lane asks when it schedules, and once more
 * right before the request leaves, because time has passed in between. The lane's lock guards it.
 */
final class DepartureRules {
    private final Deliveries deliveries;
    private final ExpiryRules expiry;

    DepartureRules(Deliveries deliveries, ExpiryRules expiry) {
        this.deliveries = deliveries;
        this.expiry = expiry;
    }

    enum Decision {
        GO,
        /** Not now. */
        WAIT,
        /** Not in this form: the delivery is to be deleted, or its request was prepared from something that has changed. */
        RECALLED,
        /** Never again: its time is over. */
        EXPIRED
    }

    /**
     * Whether one delivery may leave now.
     *
     * @param expedited whether a person wants it sent in spite of pause, rate and concurrency
     * @param slots how many slots the lane's requests take, with this one
     */
    Decision decide(Delivery delivery, boolean expedited, int slots, SchedulingCycle cycle) {
        if (expiry.isExpired(delivery, cycle.now())) {
            return Decision.EXPIRED;
        }
        if (deliveries.isToBePurged(delivery)) {
            return Decision.RECALLED;
        }
        QueueLimiter queueLimiter = cycle.queueLimiter();
        if (!cycle.mayAct()
                || queueLimiter == null
                || !deliveries.refusedWrites().admits(slots, cycle.now().nanos())) {
            return Decision.WAIT;
        }
        return expedited || (!cycle.isPaused() && queueLimiter.hasSlots(slots)) ? Decision.GO : Decision.WAIT;
    }
}
