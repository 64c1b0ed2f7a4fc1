package dev.taskqueue.operator.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.kube.FieldOwner;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.task.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds Tasks whose status was written by an operator with another Lease while this process leads: both send each Task. Only what proves this counts:
 *
 * <ul>
 *   <li>The last write of the object was a write of its status, and its time on the API server is clearly later than this process's take-over. So
 *       neither a former installation nor an object that was restored from a backup counts.
 *   <li>It was not the outcome of an attempt from before the take-over. An operator that is being stopped still writes those.
 * </ul>
 */
public final class ForeignWriteDetector {
    /** More than the clocks of several API servers differ. */
    private static final Duration MARGIN = Duration.ofSeconds(30);

    private final FieldOwner own;
    private final Consumer<ForeignWrite> found;
    /** By namespace; an empty name stands for all. */
    private final Map<String, Instant> tookOverAt = new ConcurrentHashMap<>();

    /**
     * A write of another operator.
     *
     * @param lease the Lease of that operator, as {@code namespace/name}
     */
    public record ForeignWrite(TaskId task, String lease) {}

    /** @param found called with each such write, on the thread of the watch */
    public ForeignWriteDetector(FieldOwner own, Consumer<ForeignWrite> found) {
        this.own = own;
        this.found = found;
    }

    /**
     * This process leads in the namespace.
     *
     * @param serverTime the time of the API server, so that this process's clock may be wrong
     */
    public void lead(String namespace, Instant serverTime) {
        tookOverAt.put(namespace, serverTime);
    }

    /** Looks at an object of the watch. */
    void look(JsonNode task) {
        if (tookOverAt.isEmpty()) {
            return;
        }
        for (JsonNode entry : task.path("metadata").path("managedFields")) {
            String manager = entry.path("manager").asText();
            if (own.isOfAnotherLease(manager) && isProof(task, entry)) {
                found.accept(new ForeignWrite(TaskReader.id(task), FieldOwner.lease(manager)));
                return;
            }
        }
    }

    private boolean isProof(JsonNode task, JsonNode entry) {
        Instant since = tookOverAt(TaskReader.id(task).namespace());
        Instant writtenAt = time(entry);
        if (since == null || !entry.path("subresource").asText().equals("status")) {
            return false;
        }
        Instant limit = since.plus(MARGIN);
        return writtenAt.isAfter(limit) && isLast(task, writtenAt) && !isLateOutcome(task.path("status"), limit);
    }

    private @Nullable Instant tookOverAt(String namespace) {
        Instant own = tookOverAt.get(namespace);
        return own != null ? own : tookOverAt.get("");
    }

    private static boolean isLast(JsonNode task, Instant writtenAt) {
        for (JsonNode entry : task.path("metadata").path("managedFields")) {
            if (time(entry).isAfter(writtenAt)) {
                return false;
            }
        }
        return true;
    }

    private static Instant time(JsonNode entry) {
        return Times.read(entry.path("time").textValue()).orElse(Instant.MIN);
    }

    private static boolean isLateOutcome(JsonNode status, Instant limit) {
        return switch (status.path("state").asText()) {
            case "Scheduled", "Queued", "Dispatching" -> false;
            default ->
                !Times.read(status.path("lastAttempt").path("dispatchTime").textValue())
                        .orElse(Instant.MIN)
                        .isAfter(limit);
        };
    }
}
