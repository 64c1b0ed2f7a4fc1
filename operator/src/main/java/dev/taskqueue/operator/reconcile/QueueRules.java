package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.Conditions.Reason;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.QueueProfile;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Whether a TaskQueue's spec can be served. Pure. */
public final class QueueRules {
    private QueueRules() {}

    /** The result of checking a spec. */
    public sealed interface Judgement {
        record Valid(QueueProfile profile) implements Judgement {}

        /** Nothing is dispatched until it is edited. */
        record Invalid(Reason reason, String message) implements Judgement {}
    }

    /**
     * Checks one queue.
     *
     * @param hasDeadLetter whether another queue has a dead-letter queue of its own; false for a queue that does not exist
     */
    public static Judgement judge(QueueId queue, TaskQueueSpec spec, boolean held, Predicate<QueueId> hasDeadLetter) {
        if (PurgeOrder.isUnreadable(spec.purgeBefore())) {
            return new Judgement.Invalid(
                    Reason.InvalidSpec,
                    "spec.purgeBefore is no RFC 3339 time: write it like 2026-11-20T00:00:00Z, or remove it.");
        }
        try {
            QueueProfile profile = QueueProfile.read(spec, held);
            String chain = chain(queue, profile.deadLetterQueue(), hasDeadLetter);
            return chain == null ? new Judgement.Valid(profile) : new Judgement.Invalid(Reason.DeadLetterChain, chain);
        } catch (IllegalArgumentException wrong) {
            return new Judgement.Invalid(Reason.InvalidSpec, String.valueOf(wrong.getMessage()));
        }
    }

    private static @Nullable String chain(
            QueueId queue, @Nullable String deadLetter, Predicate<QueueId> hasDeadLetter) {
        if (deadLetter == null) {
            return null;
        }
        var recipient = new QueueId(queue.namespace(), deadLetter);
        if (recipient.equals(queue)) {
            return "spec.deadLetter.queueRef names this queue itself: name another TaskQueue, or remove it.";
        }
        return hasDeadLetter.test(recipient)
                ? "TaskQueue %s, which spec.deadLetter.queueRef names, has a deadLetter itself: remove it there, or name another TaskQueue here."
                        .formatted(deadLetter)
                : null;
    }
}
