package dev.taskqueue.operator.task;

import dev.taskqueue.operator.api.GiveUp;
import dev.taskqueue.operator.api.HeaderFamily;
import dev.taskqueue.operator.api.HttpTarget;
import dev.taskqueue.operator.api.RateLimits;
import dev.taskqueue.operator.api.RecordResponse;
import dev.taskqueue.operator.api.Retention;
import dev.taskqueue.operator.api.Retry;
import dev.taskqueue.operator.api.RunState;
import dev.taskqueue.operator.api.TaskQueueSpec;
import dev.taskqueue.operator.api.Throttling;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.RateLimit;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.engine.Turn;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parsed spec of a TaskQueue. It fills in the defaults of the CRD if the API server has not done so.
 *
 * @param settings the settings for the engine
 * @param httpTarget merged with the request of each Task; null = none
 * @param dispatchDeadline the deadline for Tasks that name none
 * @param headerFamilies the compatibility headers that handlers get
 * @param deadLetterQueue the queue in which a dead letter is created for each Task that fails for good; null = none
 * @param recordsFailures whether status keeps the beginning of failed answers
 * @param retention how long finished Tasks are kept
 * @param pause how the queue is paused, for messages; null if it is not, or if nobody has said it
 * @param generation {@code metadata.generation} of the TaskQueue; 0 = not known
 */
public record QueueProfile(
        QueueSettings settings,
        @Nullable HttpTarget httpTarget,
        Duration dispatchDeadline,
        Set<HeaderFamily> headerFamilies,
        boolean recordsFailures,
        RetentionLimits retention,
        @Nullable String deadLetterQueue,
        Turn.@Nullable Paused pause,
        long generation) {

    /**
     * How long finished Tasks are kept, and how many.
     *
     * @param maxSucceeded if there are more, the oldest are deleted earlier; likewise {@code maxFailed}
     */
    public record RetentionLimits(Duration succeeded, Duration failed, int maxSucceeded, int maxFailed) {}

    /** For Tasks whose queue is not known. */
    public static final RetentionLimits DEFAULT_RETENTION =
            new RetentionLimits(Duration.ofHours(1), Duration.ofHours(168), 10_000, 10_000);

    private static final Duration DEFAULT_DEADLINE = Duration.ofMinutes(10);
    private static final double DEFAULT_RATE = 500;

    /**
     * Reads a spec.
     *
     * @param held whether the hold annotation pauses the queue, whatever the spec says
     * @throws IllegalArgumentException with a sentence that names the field and says what to change
     */
    public static QueueProfile read(TaskQueueSpec spec, boolean held) {
        RateLimits limits = spec.rateLimits();
        Retention retention = spec.retention();
        double rate = limits == null || limits.maxDispatchesPerSecond() == null
                ? DEFAULT_RATE
                : perSecond(limits.maxDispatchesPerSecond());
        Integer burst = limits == null ? null : limits.maxBurstSize();
        var settings = new QueueSettings(
                held || spec.state() == RunState.Paused,
                new RateLimit(rate, burst == null ? RateLimit.defaultBurst(rate) : burst),
                or(limits == null ? null : limits.maxConcurrentDispatches(), 1000),
                retry(spec.retry()),
                spec.throttling() != Throttling.Disabled,
                duration("retention.unfinished", retention == null ? null : retention.unfinished(), "744h"));
        return new QueueProfile(
                settings,
                checked(spec.httpTarget()),
                spec.dispatchDeadline() == null
                        ? DEFAULT_DEADLINE
                        : duration("dispatchDeadline", spec.dispatchDeadline(), ""),
                spec.headerFamilies() == null ? Set.of(HeaderFamily.CloudTasks) : Set.copyOf(spec.headerFamilies()),
                spec.recordResponse() == RecordResponse.Failures,
                retention(retention),
                deadLetterQueue(spec),
                null,
                0);
    }

    /**
     * The profile of a queue whose spec is invalid: it is paused until the spec is edited. All other settings stay as they were, so that a wrong
     * edit does not end or delete a Task that the spec before it would have kept.
     *
     * @param before the last valid profile; null if there was none, then only the retention of the spec is read
     */
    public static QueueProfile paused(TaskQueueSpec spec, @Nullable QueueProfile before) {
        QueueProfile good = before == null ? ofRetention(spec.retention()) : before;
        QueueSettings was = good.settings();
        var paused =
                new QueueSettings(true, was.rate(), was.maxConcurrent(), was.retry(), was.adaptive(), was.unfinished());
        return good.with(paused, null, 0);
    }

    /** If the retention cannot be read either, Tasks are kept as long as the CRD allows. */
    private static QueueProfile ofRetention(@Nullable Retention retention) {
        try {
            return read(withRetention(retention), true);
        } catch (IllegalArgumentException unreadable) {
            String year = "8760h";
            return read(withRetention(new Retention(year, year, Integer.MAX_VALUE, Integer.MAX_VALUE, year)), true);
        }
    }

    private static TaskQueueSpec withRetention(@Nullable Retention retention) {
        return new TaskQueueSpec(null, null, null, null, null, null, null, null, retention, null, null);
    }

    /** Kubernetes reads a quantity to the billionth, rounded up. The rule of the CRD about the lowest rate does the same. */
    private static double perSecond(Quantity rate) {
        return rate.getNumericalAmount().setScale(9, RoundingMode.UP).doubleValue();
    }

    /** The same profile, read from this {@code metadata.generation} of the TaskQueue. */
    public QueueProfile withGeneration(long now) {
        return with(settings, pause, now);
    }

    /** The same profile with words about its pause. */
    public QueueProfile withPause(Turn.@Nullable Paused why) {
        return with(settings, why, generation);
    }

    private QueueProfile with(QueueSettings others, Turn.@Nullable Paused why, long now) {
        return new QueueProfile(
                others,
                httpTarget,
                dispatchDeadline,
                headerFamilies,
                recordsFailures,
                retention,
                deadLetterQueue,
                why,
                now);
    }

    /** Whether both profiles send the same request to the same place for each Task, and take the same of its answer. */
    public boolean makesSameRequestsAs(QueueProfile other) {
        return Objects.equals(httpTarget, other.httpTarget)
                && dispatchDeadline.equals(other.dispatchDeadline)
                && headerFamilies.equals(other.headerFamilies)
                && recordsFailures == other.recordsFailures
                && Objects.equals(deadLetterQueue, other.deadLetterQueue);
    }

    private static @Nullable HttpTarget checked(@Nullable HttpTarget target) {
        if (target != null) {
            SpecRules.checkKeySources("spec.httpTarget", target.secretHeaders(), target.tls())
                    .ifPresent(problem -> {
                        throw new IllegalArgumentException(problem);
                    });
        }
        return target;
    }

    /** The name of the dead-letter queue; null if the spec names none. */
    public static @Nullable String deadLetterQueue(TaskQueueSpec spec) {
        return spec.deadLetter() == null || spec.deadLetter().queueRef() == null
                ? null
                : spec.deadLetter().queueRef().name();
    }

    private static RetryPolicy retry(@Nullable Retry given) {
        Retry retry = given != null ? given : new Retry(null, null, null, null, null, null, null, null);
        Duration min = duration("retry.minBackoff", retry.minBackoff(), "100ms");
        Duration max = duration("retry.maxBackoff", retry.maxBackoff(), "1h");
        if (max.compareTo(min) < 0) {
            throw new IllegalArgumentException("retry.maxBackoff is below retry.minBackoff: raise it");
        }
        return new RetryPolicy(
                or(retry.maxAttempts(), 100),
                duration("retry.maxRetryDuration", retry.maxRetryDuration(), "0s"),
                retry.giveUp() == GiveUp.WhenEither ? RetryPolicy.GiveUp.WhenEither : RetryPolicy.GiveUp.WhenBoth,
                min,
                max,
                or(retry.maxDoublings(), 16),
                or(retry.jitterPercent(), 0),
                new HashSet<>(retry.nonRetryableStatusCodes() == null ? List.of() : retry.nonRetryableStatusCodes()));
    }

    private static RetentionLimits retention(@Nullable Retention retention) {
        if (retention == null) {
            return DEFAULT_RETENTION;
        }
        return new RetentionLimits(
                duration("retention.succeeded", retention.succeeded(), "1h"),
                duration("retention.failed", retention.failed(), "168h"),
                or(retention.maxSucceeded(), DEFAULT_RETENTION.maxSucceeded()),
                or(retention.maxFailed(), DEFAULT_RETENTION.maxFailed()));
    }

    private static Duration duration(String field, @Nullable String text, String otherwise) {
        try {
            return Durations.parse(text == null ? otherwise : text);
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("spec." + field + ": " + wrong.getMessage(), wrong);
        }
    }

    private static int or(@Nullable Integer value, int otherwise) {
        return value == null ? otherwise : value;
    }
}
