package dev.taskqueue.operator.plan;

import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.engine.EngineLimits;
import dev.taskqueue.operator.task.QueueProfile;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a queue will do.
 *
 * @param profile its settings
 * @param timetable the retries of a Task that fails at once each time
 * @param backlog null if the handler takes longer than an attempt may
 * @param outage null if none was asked for, or if there is no {@code backlog}
 */
record Prediction(
        QueueProfile profile,
        RetrySchedule timetable,
        @Nullable Forecast backlog,
        @Nullable Forecast outage) {

    static Prediction of(QueueProfile profile, PlanArguments arguments, EngineLimits limits) {
        Forecast.Load load = arguments.load();
        QueueSettings settings = running(profile.settings());
        RetrySchedule timetable = RetrySchedule.shortest(settings.retry(), Duration.ZERO, settings.unfinished());
        if (load.handler().compareTo(profile.dispatchDeadline()) > 0) {
            return new Prediction(profile, timetable, null, null);
        }
        return new Prediction(
                profile,
                timetable,
                Forecast.of(settings, load, limits),
                arguments.outage().isZero() ? null : Forecast.ofOutage(settings, load, arguments.outage(), limits));
    }

    /** A paused queue is planned for the time when it runs. */
    static QueueSettings running(QueueSettings settings) {
        return new QueueSettings(
                false,
                settings.rate(),
                settings.maxConcurrent(),
                settings.retry(),
                settings.adaptive(),
                settings.unfinished());
    }
}
