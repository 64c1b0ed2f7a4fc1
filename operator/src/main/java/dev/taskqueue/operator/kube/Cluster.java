package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.engine.Fence;
import java.time.InstantSource;

/**
 * What all that write to Tasks share.
 *
 * @param tasks every Task object that exists
 * @param slots bounds the writes in flight
 * @param fence asked before every write
 */
record Cluster(ApiServer api, Tasks tasks, WriteSlots slots, Fence fence, InstantSource wall) {
    /** Whether an outcome may be written. */
    enum Leave {
        GRANTED,
        /** Whether this process still leads will be known soon. */
        LATER,
        /** Another process decides. */
        REFUSED
    }

    /** Whether the outcome of this Task may be written now, and whatever goes before it. */
    Leave leave(TaskRecord record) {
        return switch (fence.outcomes()) {
            case Fence.Outcomes.All _ -> Leave.GRANTED;
            case Fence.Outcomes.Later _ -> Leave.LATER;
            case Fence.Outcomes.OfClaims own -> record.told().isClaimedBy(own.holder()) ? Leave.GRANTED : Leave.REFUSED;
            case Fence.Outcomes.None _ -> Leave.REFUSED;
        };
    }
}
