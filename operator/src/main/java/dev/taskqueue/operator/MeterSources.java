package dev.taskqueue.operator;

import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Turn;
import dev.taskqueue.operator.kube.RequestListener;
import dev.taskqueue.operator.ops.ApiMeters;
import dev.taskqueue.operator.ops.QueueFacts;
import dev.taskqueue.operator.reconcile.ReconcileListener;
import dev.taskqueue.operator.task.QueueProfile;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Connects the parts of the operator with the meters, which know none of them. */
final class MeterSources {
    private static final int UNKNOWN = -1;

    private final ApiMeters api;
    private final AtomicInteger transitions = new AtomicInteger(UNKNOWN);

    MeterSources(ApiMeters api) {
        this.api = api;
        api.observeLease(() -> {
            int seen = transitions.get();
            return seen == UNKNOWN ? OptionalInt.empty() : OptionalInt.of(seen);
        });
    }

    /** The Lease was seen with this number of transitions. */
    void leaseSeen(int now) {
        transitions.set(now);
    }

    RequestListener requests() {
        return new RequestListener() {
            @Override
            public void answered(String verb, String resource, int code, Duration took) {
                api.requested(verb, resource, code, took);
            }

            @Override
            public void watchRestarted(String resource) {
                api.watchRestarted(resource);
            }
        };
    }

    ReconcileListener reconciliations() {
        return new ReconcileListener() {
            @Override
            public void reconciled(Duration took) {
                api.reconciled(took);
            }

            @Override
            public void failed() {
                api.reconcileFailed();
            }
        };
    }

    /**
     * What is known of a queue besides its Tasks; null if it does not exist.
     *
     * @param failedRetained counts its failed Tasks and batches
     */
    static @Nullable QueueFacts facts(QueueProfiles queues, ToIntFunction<QueueId> failedRetained, QueueId queue) {
        QueueProfile profile = queues.get(queue);
        return profile == null
                ? null
                : new QueueFacts(
                        profile.settings().rate().perSecond(),
                        profile.settings().maxConcurrent(),
                        state(profile.pause()),
                        failedRetained.applyAsInt(queue));
    }

    /** The same words as {@code status.state}. */
    private static String state(Turn.@Nullable Paused pause) {
        if (pause == null) {
            return "Running";
        }
        return switch (pause.by()) {
            case SPEC, UNKNOWN -> "Paused";
            case HOLD -> "Held";
            case INVALID_SPEC -> "Invalid";
        };
    }
}
