package dev.taskqueue.operator.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.operator.api.Annotations;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.reconcile.QueueRules;
import dev.taskqueue.operator.reconcile.QueueRules.Judgement;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.TaskDraft;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A TaskQueue of a manifest.
 *
 * @param profile null where the queue would be refused; then {@code findings} says why
 */
record PlannedQueue(
        QueueId id,
        ManifestObject declared,
        @Nullable TaskQueueSpec spec,
        @Nullable QueueProfile profile,
        List<Finding> findings) {

    /** @param hasDeadLetter whether another queue of the manifests sends its failed Tasks on */
    static PlannedQueue of(ManifestObject declared, Predicate<QueueId> hasDeadLetter) {
        var id = new QueueId(declared.namespace(), declared.name());
        JsonNode given = declared.object().path("spec");
        JsonNode node = given.isMissingNode() || given.isNull() ? JsonNodeFactory.instance.objectNode() : given;
        StrictReader<TaskQueueSpec> read = StrictReader.read(node, TaskQueueSpec.class);
        var findings = new ArrayList<>(read.findings());
        TaskQueueSpec spec = read.spec();
        if (spec == null) {
            return new PlannedQueue(id, declared, null, null, findings);
        }
        if (node.path("rateLimits").path("maxDispatchesPerSecond").isFloatingPointNumber()) {
            findings.add(
                    Finding.error(
                            "WrongType",
                            "spec.rateLimits.maxDispatchesPerSecond is a fraction without quotes, which Kubernetes refuses: write it in quotes."));
        }
        findings.addAll(SchemaBounds.check(spec));
        boolean held = declared.object().path("metadata").path("annotations").hasNonNull(Annotations.HOLD);
        if (held) {
            findings.add(
                    Finding.note(
                            "Held",
                            "The annotation taskqueue.dev/hold keeps its Tasks waiting whatever spec.state says; the times here count from when it is removed."));
        }
        return switch (QueueRules.judge(id, spec, held, hasDeadLetter)) {
            case Judgement.Invalid bad -> {
                findings.add(Finding.error(bad.reason().name(), bad.message()));
                yield new PlannedQueue(id, declared, spec, null, findings);
            }
            case Judgement.Valid good ->
                new PlannedQueue(
                        id,
                        declared,
                        spec,
                        findings.stream().anyMatch(Finding::isError) ? null : good.profile(),
                        findings);
        };
    }

    /** Adds what is easily overlooked in its settings, and in a backlog. */
    void check(Prediction prediction, Forecast.Load load, TaskDraft.Limits limits) {
        if (spec == null) {
            return;
        }
        findings.addAll(QueueChecks.of(spec, prediction.profile(), prediction.timetable(), load, limits));
        Duration unfinished = prediction.profile().settings().unfinished();
        if (prediction.backlog() != null && prediction.backlog().took().compareTo(unfinished) >= 0) {
            findings.add(Finding.warning(
                    "BacklogExpires",
                    "A backlog of %s takes longer than spec.retention.unfinished %s: the rest of it ends as Failed, reason Expired."
                            .formatted(Numbers.number(load.tasks()), Durations.format(unfinished))));
        }
    }

    /** Adds what depends on the other objects of the manifests. */
    void meet(Set<QueueId> known, ManifestServices services) {
        deadLetters(known);
        if (spec != null && spec.httpTarget() != null) {
            services.problem(id.namespace(), spec.httpTarget().serviceRef()).ifPresent(findings::add);
        }
    }

    /** Adds where its dead letters go, if that is not seen here. */
    private void deadLetters(Set<QueueId> known) {
        String recipient = profile == null ? null : profile.deadLetterQueue();
        if (recipient == null) {
            return;
        }
        var target = new QueueId(id.namespace(), recipient);
        if (!known.contains(target)) {
            findings.add(Finding.warning(
                    "DeadLetterQueueNotInManifest",
                    "TaskQueue %s of spec.deadLetter is not in these files: unless it exists already, dead letters wait for it."
                            .formatted(target)));
        }
    }
}
