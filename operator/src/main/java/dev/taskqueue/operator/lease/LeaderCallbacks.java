package dev.taskqueue.operator.lease;

/** Who acts on an election. */
public interface LeaderCallbacks {
    /** Whether this process knows enough to lead. Asked often, so it answers at once. */
    boolean isReady();

    /** The Lease is ours, for the first time. Returns at once, and begins to take over; {@link LeaderElector#tookOver} ends that. */
    void onElected();

    /** The fence has opened, for the first time or again. */
    void onStartedLeading();

    /** The API server has acknowledged a renewal of the Lease. Called after each one; returns at once. */
    void onRenewed();

    /** Another process may lead. Called once; the fence is closed by then. */
    void onStoppedLeading();
}
