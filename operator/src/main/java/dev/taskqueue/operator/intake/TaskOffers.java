package dev.taskqueue.operator.intake;

import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.engine.Offer;
import dev.taskqueue.operator.task.CompletedAnnotation;
import dev.taskqueue.operator.task.DueTime;
import dev.taskqueue.operator.task.SpecRules;
import dev.taskqueue.operator.task.StatusReader;
import dev.taskqueue.operator.task.TaskObject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Makes what is offered to the engine out of an open Task's object. */
public final class TaskOffers {
    private final SpecRules rules;
    private final InstantSource wall;
    private final NamespaceTerms terms;

    public TaskOffers(SpecRules rules, InstantSource wall, NamespaceTerms terms) {
        this.rules = rules;
        this.wall = wall;
        this.terms = terms;
    }

    Offer of(TaskObject task) {
        TaskSpec spec = task.spec();
        Optional<String> problem = spec == null ? Optional.ofNullable(task.problem()) : SpecRules.problem(spec);
        if (spec == null || problem.isPresent()) {
            var ending = new Ending(Ending.Reason.InvalidSpec, problem.orElse("spec is missing"));
            return over(task, new Offer.End(ending, wall.instant()));
        }
        CompletedAnnotation completion = task.completedAnnotation();
        if (completion != null && !completion.isInTheFuture(wall.instant()) && !isOlderThanRound(completion, task)) {
            return over(task, new Offer.End(completion.ending(), completion.at()));
        }
        Instant dueAt = DueTime.of(task, spec, wall.instant());
        AttemptHistory progress = StatusReader.attemptHistory(task.status());
        Obstacle obstacle = rules.limit(task, spec, dueAt).orElse(null);
        return new Offer(
                new DeliveryId(task.id(), progress.round()),
                task.queue(),
                task.createdAt(),
                StatusReader.openSince(task),
                dueAt,
                DueTime.expiry(spec),
                progress,
                obstacle,
                StatusReader.claim(task, terms.claimsEndAt(task.id().namespace())),
                null);
    }

    /** Of a Task that is not to be sent, for a reason that its object alone proves. */
    private static Offer over(TaskObject task, Offer.End end) {
        AttemptHistory progress = StatusReader.attemptHistory(task.status());
        return new Offer(
                new DeliveryId(task.id(), progress.round()),
                task.queue(),
                task.createdAt(),
                StatusReader.openSince(task),
                end.at(),
                null,
                progress,
                null,
                null,
                end);
    }

    /** Whether the Task was started again since it ended so. */
    private static boolean isOlderThanRound(CompletedAnnotation completion, TaskObject task) {
        return task.status().round() != null && !completion.at().isAfter(StatusReader.openSince(task));
    }
}
