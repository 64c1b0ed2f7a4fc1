package dev.taskqueue.operator.lease;

/** Called by the election when this process becomes leader, renews, or stops leading. */
public interface LeaderCallbacks {
    /** Whether this process knows enough to lead. Called often, so it returns at once. */
    boolean isReady();

    /**
     * This process holds the Lease, for the first time. Returns at once, and begins to take over.
     *
     * @param tookOver to be called, from any thread and any number of times, once it is known what the former leader left
     */
    void onElected(Runnable tookOver);

    /** The fence has opened, for the first time or again. */
    void onStartedLeading();

    /** The API server has acknowledged a renewal of the Lease. Called after each renewal; returns at once. */
    void onRenewed();

    /**
     * The Lease was read, written or seen. Returns at once.
     *
     * @param transitions how often it has had another holder
     */
    default void onObserved(int transitions) {}

    /** Another process may lead. Called once; the fence is closed by then. */
    void onStoppedLeading();
}
