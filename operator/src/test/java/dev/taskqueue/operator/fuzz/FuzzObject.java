package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.Conditions;
import dev.taskqueue.operator.api.QueueState;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An object that the API server accepted. */
final class FuzzObject {
    /** What an object is for. */
    private enum Role {
        FUZZED,
        /** A plain object of a queue with a spec that was made. */
        PROBE,
        /** A plain object of a queue that runs. */
        CONTROL
    }

    private final Role role;
    private final @Nullable FuzzSpec spec;
    private JsonNode object;
    private volatile boolean arrived;

    private FuzzObject(Role role, @Nullable FuzzSpec spec, JsonNode object) {
        this.role = role;
        this.spec = spec;
        this.object = object;
    }

    static FuzzObject created(FuzzSpec spec, JsonNode object) {
        return new FuzzObject(Role.FUZZED, spec, object);
    }

    /** @param ofOddQueue whether the spec of its queue is the one of {@code spec} */
    static FuzzObject plain(@Nullable FuzzSpec spec, JsonNode object, boolean ofOddQueue) {
        return new FuzzObject(ofOddQueue ? Role.PROBE : Role.CONTROL, spec, object);
    }

    /** The object after a patch. */
    void changed(JsonNode later) {
        object = later;
    }

    /** Whether this is the first time that it has arrived. */
    boolean arrive() {
        boolean first = !arrived;
        arrived = true;
        return first;
    }

    @Nullable FuzzSpec spec() {
        return spec;
    }

    int index() {
        return spec == null ? Finding.UNKNOWN : spec.index();
    }

    String kind() {
        return object.path("kind").asText();
    }

    String name() {
        return object.at("/metadata/name").asText();
    }

    String uid() {
        return object.at("/metadata/uid").asText();
    }

    boolean isQueue() {
        return kind().equals("TaskQueue");
    }

    private boolean isBatch() {
        return kind().equals("TaskBatch");
    }

    boolean isPlain() {
        return role != Role.FUZZED;
    }

    boolean isControl() {
        return role == Role.CONTROL;
    }

    Finding finding(String rule, String seen) {
        return new Finding(rule, index(), name() + ": " + seen);
    }

    /** Where it has arrived; empty while it is on its way. */
    Optional<String> settled(@Nullable JsonNode now, Instant time) {
        if (now == null) {
            return Optional.of("gone");
        }
        if (isQueue()) {
            return settledQueue(now);
        }
        boolean slow = role == Role.PROBE;
        Optional<String> state =
                isBatch() ? TaskBatchRules.settled(now, time, slow) : TaskRules.settled(now, time, slow);
        return role == Role.CONTROL ? state.filter("Succeeded Delivered"::equals) : state;
    }

    private static Optional<String> settledQueue(JsonNode queue) {
        JsonNode status = queue.path("status");
        boolean seen = status.path("observedGeneration").asLong()
                == queue.at("/metadata/generation").asLong();
        return seen ? Optional.of(status.path("state").asText()) : Optional.empty();
    }

    /** What is wrong with an object that has arrived; empty if it is in order. */
    Optional<String> wrong(@Nullable JsonNode now, FuzzWorker worker) {
        if (now == null) {
            return mayBeGone() ? Optional.empty() : Optional.of("it is gone");
        }
        if (isQueue()) {
            return wrongQueue(now.path("status"));
        }
        if (isBatch()) {
            return TaskBatchRules.wrong(now)
                    .or(() -> role == Role.PROBE ? Optional.empty() : ItemRequestRules.wrong(now, worker));
        }
        // The queue of a probe may set an Idempotency-Key of its own, by which the requests cannot be found.
        return TaskRules.wrong(now)
                .or(() -> role == Role.PROBE ? Optional.empty() : RequestRules.wrong(now, worker.arrivals(uid())));
    }

    /** A Task or TaskBatch with a ttlAfterFinished may be deleted soon, and so may one whose queue keeps few or purges. */
    private boolean mayBeGone() {
        return switch (role) {
            case FUZZED -> !isQueue() && object.path("spec").has("ttlAfterFinished");
            case PROBE -> true;
            case CONTROL -> false;
        };
    }

    private static Optional<String> wrongQueue(JsonNode status) {
        if (Arrays.stream(QueueState.values())
                .noneMatch(state -> state.name().equals(status.path("state").asText()))) {
            return Optional.of("state is none of the list");
        }
        boolean ready = false;
        for (JsonNode condition : status.path("conditions")) {
            ready |= condition.path("type").asText().equals("Ready");
            String reason = condition.path("reason").asText();
            if (Arrays.stream(Conditions.Reason.values())
                            .noneMatch(known -> known.name().equals(reason))
                    || condition.path("message").asText().isBlank()) {
                return Optional.of("a condition has no reason of the list, or no sentence");
            }
        }
        return ready ? Optional.empty() : Optional.of("there is no condition Ready");
    }
}
