package dev.taskqueue.operator.batch;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.OnFinished;
import dev.taskqueue.operator.api.QueueRef;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.task.SpecRules;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds faults in the spec of a batch, apart from its items, that the rules of the CRD cannot find, or did not find because the object is older. */
final class BatchSpecRules {
    /** Above this, there may be no room for the status, and every write of it would be refused. */
    static final int MAX_STORED = 1_400_000;

    private static final int MAX_JSON = 262_144;
    private static final int MOST_FAILED = 1000;

    private BatchSpecRules() {}

    static Optional<String> problem(JsonNode json, BatchSpec spec, int storedBytes) {
        QueueRef queue = new QueueRef(json.path("queueRef").path("name").textValue());
        return size(storedBytes)
                .or(() -> template(queue, spec))
                .or(() -> oneList(json))
                .or(() -> maxFailed(spec.maxFailed()))
                .or(() -> onFinished(queue, spec.onFinished()));
    }

    private static Optional<String> size(int storedBytes) {
        return storedBytes <= MAX_STORED
                ? Optional.empty()
                : Optional.of("The batch takes %d bytes as it is stored, at most %d are allowed: make smaller batches."
                        .formatted(storedBytes, MAX_STORED));
    }

    private static Optional<String> template(QueueRef queue, BatchSpec spec) {
        return SpecRules.problem(new TaskSpec(
                        queue,
                        spec.scheduleTime(),
                        spec.delay(),
                        spec.expireTime(),
                        spec.dispatchDeadline(),
                        spec.ttlAfterFinished(),
                        spec.request(),
                        null))
                .or(() -> json(spec.request()))
                .map(problem -> renamed("spec.template", problem));
    }

    /** The rules speak of the fields of a Task. */
    static String renamed(String at, String problem) {
        return problem.replace("spec.httpRequest", at + ".httpRequest")
                .replace("spec.dispatchDeadline", at + ".dispatchDeadline");
    }

    private static Optional<String> json(@Nullable HttpRequest request) {
        if (request == null || request.json() == null) {
            return Optional.empty();
        }
        int size = request.json().text().getBytes(StandardCharsets.UTF_8).length;
        return size <= MAX_JSON
                ? Optional.empty()
                : Optional.of("spec.httpRequest.json has %d bytes as compact JSON, at most %d are allowed: shorten it."
                        .formatted(size, MAX_JSON));
    }

    private static Optional<String> oneList(JsonNode spec) {
        long lists = Stream.of("lines", "items", "count").filter(spec::hasNonNull).count();
        return lists == 1
                ? Optional.empty()
                : Optional.of("spec must have exactly one of lines, items and count: " + (lists == 0 ? "add" : "keep") + " one.");
    }

    private static Optional<String> maxFailed(@Nullable Integer maxFailed) {
        return maxFailed == null || (maxFailed >= 0 && maxFailed <= MOST_FAILED)
                ? Optional.empty()
                : Optional.of("spec.maxFailed must be 0 to " + MOST_FAILED + ": change it.");
    }

    private static Optional<String> onFinished(QueueRef queue, @Nullable OnFinished report) {
        if (report == null) {
            return Optional.empty();
        }
        QueueRef to = report.queueRef() == null ? queue : report.queueRef();
        return SpecRules.problem(new TaskSpec(
                        to, null, null, null, report.dispatchDeadline(), null, report.httpRequest(), null))
                .or(() -> json(report.httpRequest()))
                .map(problem -> renamed("spec.onFinished", problem)
                        .replace("spec.queueRef", report.queueRef() == null ? "spec.queueRef" : "spec.onFinished.queueRef"));
    }
}
