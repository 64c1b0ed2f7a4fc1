package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.Claim;
import dev.taskqueue.operator.api.Round;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Progress;
import dev.taskqueue.operator.engine.Offer;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes what is offered to the engine out of an open Task's object. */
final class TaskOffers {
    /** What whoever claimed an attempt may need after its deadline to write that there was no answer. */
    private static final Duration CLAIM_SLACK = Duration.ofSeconds(2);

    private final SpecRules rules;
    private final InstantSource wall;
    private final NamespaceTerms terms;
    private final Duration grace;

    /** @param grace how long an earlier process may still write the outcome of a claim that cannot be read */
    TaskOffers(SpecRules rules, InstantSource wall, NamespaceTerms terms, Duration grace) {
        this.rules = rules;
        this.wall = wall;
        this.terms = terms;
        this.grace = grace;
    }

    Offer of(TaskObject task) {
        TaskSpec spec = task.spec();
        Optional<String> problem = spec == null ? Optional.ofNullable(task.problem()) : SpecRules.problem(spec);
        if (spec == null || problem.isPresent()) {
            var ending = new Ending(Ending.Reason.InvalidSpec, problem.orElse("spec is missing"));
            return over(task, new Offer.End(ending, wall.instant()));
        }
        Completion completion = task.completion();
        if (completion != null && !isOlderThanRound(completion, task)) {
            return over(task, new Offer.End(completion.ending(), completion.at()));
        }
        Instant dueAt = DueTime.of(task, spec, wall.instant());
        Progress progress = History.of(task.status());
        Obstacle obstacle = rules.limit(task, spec, dueAt).orElse(null);
        return new Offer(
                new DeliveryId(task.id(), progress.round()),
                task.queue(),
                task.createdAt(),
                openSince(task),
                dueAt,
                spec.expireTime() == null ? null : Times.parse(spec.expireTime()),
                progress,
                obstacle,
                claim(task),
                null);
    }

    /** Of a Task that is not to be sent, for a reason that its object alone proves. */
    private static Offer over(TaskObject task, Offer.End end) {
        Progress progress = History.of(task.status());
        return new Offer(
                new DeliveryId(task.id(), progress.round()),
                task.queue(),
                task.createdAt(),
                openSince(task),
                end.at(),
                null,
                progress,
                null,
                null,
                end);
    }

    /** Whether the Task was started again since it ended so. */
    private static boolean isOlderThanRound(Completion completion, TaskObject task) {
        return task.status().round() != null && !completion.at().isAfter(openSince(task));
    }

    /** The creation, or the last redrive. */
    private static Instant openSince(TaskObject task) {
        Round round = task.status().round();
        return round == null || round.startTime() == null ? task.createdAt() : Times.parse(round.startTime());
    }

    /** A claim that cannot be read counts as one of right now, which ends with the grace. */
    private Offer.@Nullable Claim claim(TaskObject task) {
        Claim claim = task.status().claim();
        if (claim == null || claim.dispatchTime() == null || claim.scheduleTime() == null || claim.deadline() == null) {
            return null;
        }
        Instant lastAt = terms.claimsEndAt(task.id().namespace());
        try {
            Instant deadline = Times.parse(claim.deadline()).plus(CLAIM_SLACK);
            return new Offer.Claim(
                    Times.parse(claim.scheduleTime()), Times.parse(claim.dispatchTime()), earlier(deadline, lastAt));
        } catch (DateTimeException unreadable) {
            Instant now = wall.instant();
            return new Offer.Claim(now, now, earlier(now.plus(grace), lastAt));
        }
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
