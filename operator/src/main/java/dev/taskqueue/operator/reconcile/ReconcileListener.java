package dev.taskqueue.operator.reconcile;

import java.time.Duration;

/** Hears of every reconciliation of a TaskQueue. Called on the reconciler's threads: it must be quick and must not block. */
public interface ReconcileListener {
    /** A reconciliation has ended, well or not. */
    void reconciled(Duration took);

    /** A reconciliation threw an exception, or its status could not be written. */
    void failed();
}
