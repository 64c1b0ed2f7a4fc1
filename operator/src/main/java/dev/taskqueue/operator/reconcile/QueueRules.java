package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.kube.QueueProfile;
import org.jspecify.annotations.Nullable;

/** Whether a TaskQueue's spec can be served. Pure. */
final class QueueRules {
    private QueueRules() {}

    /** What a spec comes to. */
    sealed interface Judgement {
        record Good(QueueProfile profile) implements Judgement {}

        /** Nothing is dispatched until it is edited. */
        record Bad(Reason reason, String message) implements Judgement {}
    }

    static Judgement judge(TaskQueueSpec spec, boolean held) {
        String unsupported = unsupported(spec);
        if (unsupported != null) {
            return new Judgement.Bad(
                    Reason.NotSupportedYet,
                    "spec." + unsupported + " is not supported by this version of the operator: remove it.");
        }
        if (PurgeOrder.isUnreadable(spec.purgeBefore())) {
            return new Judgement.Bad(
                    Reason.InvalidSpec,
                    "spec.purgeBefore is no RFC 3339 time: write it like 2026-11-20T00:00:00Z, or remove it.");
        }
        try {
            return new Judgement.Good(QueueProfile.of(spec, held));
        } catch (IllegalArgumentException wrong) {
            return new Judgement.Bad(Reason.InvalidSpec, String.valueOf(wrong.getMessage()));
        }
    }

    private static @Nullable String unsupported(TaskQueueSpec spec) {
        if (spec.deadLetter() != null) {
            return "deadLetter";
        }
        HttpTarget target = spec.httpTarget();
        if (target != null && target.secretHeaders() != null) {
            return "httpTarget.secretHeaders";
        }
        return target != null && target.tls() != null ? "httpTarget.tls" : null;
    }
}
