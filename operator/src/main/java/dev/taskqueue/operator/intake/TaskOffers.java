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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/** Makes the offer to the engine from the object of an open Task. */
public final class TaskOffers {
    private final SpecRules rules;
    private final InstantSource wall;
    private final NamespaceTerms terms;
    private final Supplier<Duration> ahead;

    /** @param ahead how far {@code wall} is ahead of the API server's clock */
    public TaskOffers(SpecRules rules, InstantSource wall, NamespaceTerms terms, Supplier<Duration> ahead) {
        this.rules = rules;
        this.wall = wall;
        this.terms = terms;
        this.ahead = ahead;
    }

    Offer of(TaskObject task) {
        TaskSpec spec = task.spec();
        Optional<String> problem = spec == null ? Optional.ofNullable(task.problem()) : SpecRules.problem(spec);
        if (spec == null || problem.isPresent()) {
            var ending = new Ending(Ending.Reason.InvalidSpec, problem.orElse("spec is missing"));
            return ended(task, new Offer.End(ending, wall.instant()));
        }
        CompletedAnnotation completion = task.completedAnnotation();
        if (completion != null && !completion.isInTheFuture(wall.instant()) && !isOlderThanRound(completion, task)) {
            return ended(task, new Offer.End(completion.ending(), completion.at()));
        }
        Instant dueAt = DueTime.of(task, spec, wall.instant(), ahead.get());
        AttemptHistory history = StatusReader.attemptHistory(task.status());
        Obstacle obstacle = rules.limit(task, spec, dueAt).orElse(null);
        return new Offer(
                new DeliveryId(task.id(), history.round()),
                task.queue(),
                task.createdAt(),
                openSince(task, spec),
                dueAt,
                DueTime.expiry(spec),
                history,
                obstacle,
                StatusReader.claim(task, terms.claimsEndAt(task.id().namespace())),
                null);
    }

    /** The offer of a Task that has ended, or must not be sent, for a reason that its object shows. */
    private static Offer ended(TaskObject task, Offer.End end) {
        AttemptHistory history = StatusReader.attemptHistory(task.status());
        return new Offer(
                new DeliveryId(task.id(), history.round()),
                task.queue(),
                task.createdAt(),
                StatusReader.openSince(task),
                end.at(),
                null,
                history,
                null,
                null,
                end);
    }

    /** A Task may be made months before it is due. */
    private Instant openSince(TaskObject task, TaskSpec spec) {
        Instant since = StatusReader.openSince(task);
        Instant firstDue = DueTime.first(task, spec, wall.instant(), ahead.get());
        return firstDue.isAfter(since) ? firstDue : since;
    }

    /** Whether the Task was redriven after that end. */
    private static boolean isOlderThanRound(CompletedAnnotation completion, TaskObject task) {
        return task.status().round() != null && !completion.at().isAfter(StatusReader.openSince(task));
    }
}
