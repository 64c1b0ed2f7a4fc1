package dev.taskqueue.operator.reconcile;

import dev.taskqueue.operator.api.TaskQueue;
import dev.taskqueue.operator.api.TaskQueueStatus;
import dev.taskqueue.operator.domain.ApiAnswerText;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;

/**
 * Writes a TaskQueue's status as a whole, onto the version of the object that it was made from. If somebody has changed the object meanwhile, above
 * all another leader, the write is a conflict and overwrites nothing. (The writes of Java Operator SDK itself carry no version.)
 */
final class QueueStatusWriter {
    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;

    private QueueStatusWriter() {}

    /** The result of a write. */
    sealed interface Result {
        record Written() implements Result {}

        /** The object has changed, and the watch delivers the change. */
        record Changed() implements Result {}

        /**
         * The API server did not do it.
         *
         * @param why the end of a sentence, with what to do
         */
        record Failed(String why) implements Result {}
    }

    static Result write(QueueStatusStore store, Context<TaskQueue> context, TaskQueue queue, TaskQueueStatus status) {
        try {
            store.write(context, queue, status);
            return new Result.Written();
        } catch (KubernetesClientException failure) {
            if (failure.getCode() == CONFLICT || failure.getCode() == NOT_FOUND) {
                return new Result.Changed();
            }
            return new Result.Failed(why(failure, queue.getMetadata().getNamespace()));
        }
    }

    /** Says why, without values of the object. */
    private static String why(KubernetesClientException failure, String namespace) {
        String answer = ApiAnswerText.of(failure.getCode(), "patch", "taskqueues/status.taskqueue.dev", namespace);
        Throwable cause = failure.getCause();
        return failure.getCode() <= 0 && cause != null
                ? answer + " (" + cause.getClass().getSimpleName() + ")"
                : answer;
    }
}
