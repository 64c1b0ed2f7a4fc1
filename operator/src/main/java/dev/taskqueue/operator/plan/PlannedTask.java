package dev.taskqueue.operator.plan;

import static dev.taskqueue.operator.domain.Durations.format;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.ServiceRef;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.task.TaskDraft;
import dev.taskqueue.operator.task.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A Task of a manifest. */
record PlannedTask(ManifestObject declared, TaskDraft draft, List<Finding> findings) {

    static PlannedTask of(ManifestObject declared, TaskDraft.Limits limits, Instant now) {
        var named = declared.object().deepCopy();
        named.withObject("metadata").put("name", declared.name());
        TaskDraft draft = TaskDraft.of(named, limits, now);
        StrictReader<TaskSpec> strict = StrictReader.read(declared.object().path("spec"), TaskSpec.class);
        var findings = new ArrayList<>(strict.findings());
        TaskSpec spec = draft.spec();
        if (spec != null) {
            findings.addAll(SchemaBounds.check(spec));
        }
        if (strict.spec() != null || strict.findings().isEmpty()) {
            draft.refusal().ifPresent(sentence -> findings.add(Finding.error("InvalidSpec", sentence)));
        }
        draft.obstacle()
                .ifPresent(obstacle ->
                        findings.add(Finding.warning(obstacle.reason().name(), obstacle.message())));
        if (spec != null && draft.refusal().isEmpty()) {
            expiry(spec, draft, findings);
        }
        return new PlannedTask(declared, draft, findings);
    }

    private static void expiry(TaskSpec spec, TaskDraft draft, List<Finding> findings) {
        Optional<Instant> expireAt = Times.read(spec.expireTime());
        if (expireAt.isPresent() && !expireAt.get().isAfter(draft.dueAt())) {
            findings.add(Finding.warning(
                    "ExpiresBeforeDue",
                    "spec.expireTime %s is not after it is due, so it is never sent: set a later one."
                            .formatted(spec.expireTime())));
        }
    }

    /** Checks what depends on the queue and the Service, if they are in the manifests. */
    void meet(@Nullable PlannedQueue queue, ManifestServices services) {
        HttpTarget target =
                queue == null || queue.spec() == null ? null : queue.spec().httpTarget();
        ServiceRef ref = draft.request(target).serviceRef();
        // What the queue names is told once, for the queue.
        if (target == null || !Objects.equals(ref, target.serviceRef())) {
            services.problem(declared.namespace(), ref).ifPresent(findings::add);
        }
        if (queue == null) {
            findings.add(Finding.warning(
                    "QueueNotInManifest",
                    "TaskQueue %s is not in these files: unless it exists already, the Task waits with QueueNotFound."
                            .formatted(draft.queue())));
            return;
        }
        if (queue.spec() == null || isRefused()) {
            return;
        }
        HttpRequest request = draft.request(queue.spec().httpTarget());
        if (request.serviceRef() == null) {
            findings.add(
                    Finding.warning(
                            "TargetNotFound",
                            "Neither the Task nor its queue's httpTarget names a serviceRef, so it waits: name one in the queue."));
        }
        boolean hasBody = request.body() != null || request.bodyBase64() != null || request.bodyFrom() != null;
        boolean hasType = request.headers() != null
                && request.headers().keySet().stream()
                        .anyMatch(name -> name.toLowerCase(Locale.ROOT).equals("content-type"));
        if (hasBody && !hasType) {
            findings.add(
                    Finding.note(
                            "NoContentType",
                            "The request has a body and no Content-Type, and there is no default: set it in httpRequest.headers."));
        }
    }

    private boolean isRefused() {
        return draft.spec() == null || findings.stream().anyMatch(Finding::isError);
    }

    /** Whether nothing but a person deletes it, should kubectl apply or a GitOps tool create it. */
    boolean staysIfApplied() {
        return !declared.isNamedByTheServer()
                && !declared.object().path("spec").hasNonNull("ttlAfterFinished");
    }

    /** When it leaves, for people. */
    String due(Instant now) {
        TaskSpec spec = draft.spec();
        if (spec == null || isRefused()) {
            return "never: refused";
        }
        if (spec.delay() != null) {
            return format(Duration.between(now, draft.dueAt())) + " after its creation";
        }
        return draft.dueAt().isAfter(now) ? "at " + spec.scheduleTime() : "at once";
    }
}
