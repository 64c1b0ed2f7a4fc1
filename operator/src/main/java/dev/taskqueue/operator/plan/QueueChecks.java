package dev.taskqueue.operator.plan;

import static dev.taskqueue.operator.domain.Durations.format;
import static dev.taskqueue.operator.domain.Durations.words;

import dev.taskqueue.operator.api.RateLimits;
import dev.taskqueue.operator.api.Retry;
import dev.taskqueue.operator.api.RunState;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.domain.OperatorSetting;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.RateLimit;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.TaskDraft;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds what is easily overlooked in the settings of a queue. Pure. */
final class QueueChecks {
    /** How long Cloud Tasks remembers a name. */
    private static final Duration TOMBSTONE = Duration.ofHours(1);

    private final TaskQueueSpec spec;
    private final QueueProfile profile;
    private final QueueSettings settings;
    private final List<Finding> findings = new ArrayList<>();

    private QueueChecks(TaskQueueSpec spec, QueueProfile profile) {
        this.spec = spec;
        this.profile = profile;
        this.settings = profile.settings();
    }

    static List<Finding> of(
            TaskQueueSpec spec,
            QueueProfile profile,
            RetrySchedule timetable,
            Forecast.Load load,
            TaskDraft.Limits limits) {
        var checks = new QueueChecks(spec, profile);
        checks.state();
        checks.giveUp(timetable);
        checks.backoff(timetable);
        checks.rate(load);
        checks.burst();
        checks.deadline(load, limits);
        checks.retention();
        return checks.findings;
    }

    private void state() {
        if (spec.state() == RunState.Paused) {
            note("Paused", "spec.state is Paused: Tasks wait, and the times here count from when it is Running.");
        }
        if (spec.purgeBefore() != null) {
            warn(
                    "PurgeDeletes",
                    "spec.purgeBefore deletes every unfinished Task created before " + spec.purgeBefore()
                            + " as soon as it is applied; this cannot be undone.");
        }
    }

    private void giveUp(RetrySchedule timetable) {
        RetryPolicy retry = settings.retry();
        boolean attemptsSet = retry.maxAttempts() != RetryPolicy.UNLIMITED;
        boolean durationSet = !retry.maxRetryDuration().isZero();
        String lasts = timetable.attempts() + " attempts in " + words(timetable.endAt());
        if (!attemptsSet && !durationSet) {
            warn(
                    "RetriesWithoutEnd",
                    "Neither spec.retry.maxAttempts nor maxRetryDuration limits the retries: only retention.unfinished "
                            + format(settings.unfinished()) + " ends a failing Task, as Expired.");
            return;
        }
        if (timetable.end() == RetrySchedule.End.EXPIRED) {
            warn(
                    "ExpiresBeforeGivenUp",
                    "spec.retention.unfinished %s ends a failing Task as Expired, before its retry limits are reached: raise it, or lower them."
                            .formatted(format(settings.unfinished())));
        }
        if (retry.giveUp() != RetryPolicy.GiveUp.WhenBoth
                || !attemptsSet
                || !durationSet
                || timetable.end() != RetrySchedule.End.GIVEN_UP) {
            return;
        }
        if (timetable.attempts() > retry.maxAttempts()) {
            warn(
                    "AttemptsAreAFloor",
                    "spec.retry.maxAttempts %d is a floor because maxRetryDuration %s must be reached too: a failing Task gets %s; giveUp WhenEither ends it after %d."
                            .formatted(
                                    retry.maxAttempts(), format(retry.maxRetryDuration()), lasts, retry.maxAttempts()));
        } else if (isReachedEarly(timetable, retry)) {
            warn(
                    "DurationIsAFloor",
                    "spec.retry.maxRetryDuration %s is a floor because maxAttempts %d%s must be reached too: a failing Task gets %s; maxAttempts -1 or giveUp WhenEither ends it sooner."
                            .formatted(
                                    format(retry.maxRetryDuration()),
                                    retry.maxAttempts(),
                                    isGiven(spec.retry()) ? "" : " (the default)",
                                    lasts));
        }
    }

    private static boolean isReachedEarly(RetrySchedule timetable, RetryPolicy retry) {
        return timetable.attempts() > 1
                && timetable.rows().get(timetable.attempts() - 2).at().compareTo(retry.maxRetryDuration()) >= 0;
    }

    private static boolean isGiven(@Nullable Retry retry) {
        return retry != null && retry.maxAttempts() != null;
    }

    private void backoff(RetrySchedule timetable) {
        RetryPolicy retry = settings.retry();
        boolean given = spec.retry() != null && spec.retry().maxBackoff() != null;
        if (given && timetable.attempts() > 1 && timetable.longestPause().compareTo(retry.maxBackoff()) < 0) {
            note(
                    "MaxBackoffNotReached",
                    "spec.retry.maxBackoff %s is never reached by the timetable, whose longest pause is %s; it still bounds a Retry-After."
                            .formatted(format(retry.maxBackoff()), words(timetable.longestPause())));
        }
        if (retry.jitterPercent() > 0 && timetable.attempts() > 1) {
            note(
                    "JitterLengthens",
                    "spec.retry.jitterPercent %d makes each pause up to %d %% longer than in the timetable, also beyond maxBackoff."
                            .formatted(retry.jitterPercent(), retry.jitterPercent()));
        }
    }

    private void rate(Forecast.Load load) {
        double slots = Forecast.slotsPerSecond(settings, load.handler());
        double rate = settings.rate().perSecond();
        if (slots < rate) {
            warn(
                    "RateUnreachable",
                    "%d at a time with handlers of %s make %s a second, so the rate %s is never reached: set spec.rateLimits.maxConcurrentDispatches to %.0f, or the rate to what is meant."
                            .formatted(
                                    settings.maxConcurrent(),
                                    format(load.handler()),
                                    Numbers.number(slots),
                                    Numbers.number(rate),
                                    Math.ceil(rate * load.handler().toMillis() / 1000)));
        }
    }

    private void burst() {
        RateLimit rate = settings.rate();
        RateLimits limits = spec.rateLimits();
        boolean given = limits != null && limits.maxBurstSize() != null;
        if (rate.isBurstLarge()) {
            warn(
                    "BurstOutweighsRate",
                    "After a quiet time %d Tasks leave at once, %s worth of the rate (spec.rateLimits.maxBurstSize%s): set 1 for an even stream."
                            .formatted(
                                    rate.burst(),
                                    words(Duration.ofMillis((long) (rate.burst() / rate.perSecond() * 1000))),
                                    given ? "" : ", the default"));
        }
        if (given && rate.burst() > settings.maxConcurrent()) {
            note(
                    "BurstAboveConcurrency",
                    "spec.rateLimits.maxBurstSize %d is more than maxConcurrentDispatches %d, so no more than those leave at once."
                            .formatted(rate.burst(), settings.maxConcurrent()));
        }
    }

    private void deadline(Forecast.Load load, TaskDraft.Limits limits) {
        if (profile.dispatchDeadline().compareTo(limits.maxDispatchDeadline()) > 0) {
            warn(
                    "DeadlineAboveMaximum",
                    "spec.dispatchDeadline %s is above %s of the operator's %s: Tasks that name none of their own wait with LimitExceeded."
                            .formatted(
                                    format(profile.dispatchDeadline()),
                                    format(limits.maxDispatchDeadline()),
                                    OperatorSetting.MAX_DISPATCH_DEADLINE));
        }
        if (load.handler().compareTo(profile.dispatchDeadline()) > 0) {
            warn(
                    "DeadlineBelowDuration",
                    "Handlers of %s never answer within spec.dispatchDeadline %s: every attempt fails."
                            .formatted(format(load.handler()), format(profile.dispatchDeadline())));
        }
    }

    private void retention() {
        Duration succeeded = profile.retention().succeeded();
        if (succeeded.isZero()) {
            warn(
                    "DeletedAtItsEnd",
                    "spec.retention.succeeded 0s deletes a Task at its end: kubectl wait may answer NotFound, and the name can be used again at once.");
            return;
        }
        if (succeeded.compareTo(TOMBSTONE) < 0) {
            note(
                    "ShortNameReservation",
                    "spec.retention.succeeded %s: after that a Task of the same name is no duplicate any more; Cloud Tasks remembers it for 1h."
                            .formatted(format(succeeded)));
        }
        var full = Duration.ofMillis(
                (long) (profile.retention().maxSucceeded() / settings.rate().perSecond() * 1000));
        if (full.compareTo(succeeded) < 0) {
            note(
                    "KeepsFewer",
                    "At the full rate, spec.retention.maxSucceeded %d holds %s of Tasks that Succeeded: older ones are deleted, and their names are free, before retention.succeeded %s."
                            .formatted(profile.retention().maxSucceeded(), words(full), format(succeeded)));
        }
    }

    private void warn(String name, String sentence) {
        findings.add(Finding.warning(name, sentence));
    }

    private void note(String name, String sentence) {
        findings.add(Finding.note(name, sentence));
    }
}
