package dev.taskqueue.operator.plan;

import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.engine.EngineLimits;
import dev.taskqueue.operator.plan.Simulation.Bounds;
import dev.taskqueue.operator.plan.Simulation.Result;
import dev.taskqueue.operator.plan.Simulation.Scene;
import java.time.Duration;

/**
 * How long a backlog takes.
 *
 * @param took until the last Task has ended
 * @param rehearsed how many Tasks the engine was run with; where they are fewer than asked for, the others are reckoned to follow by rate and slots
 * @param perSecond the pace that rate and concurrency allow together
 * @param run what came of those
 */
record Forecast(Duration took, int rehearsed, double perSecond, Result run) {
    /** More Tasks than these are reckoned, not run. */
    private static final int MOST_TASKS = 20_000;

    /** A second or two of computing. */
    private static final Bounds BOUNDS = new Bounds(100_000, 15_000_000);

    /** Beyond the burst and two generations of requests everything repeats itself; so many more are run. */
    private static final int STEADY = 200;

    /**
     * What the forecast is about.
     *
     * @param tasks in the backlog, all due at once
     * @param handler how long a handler takes to answer
     */
    record Load(int tasks, Duration handler) {}

    /** All answers are 200, and come within their deadline. */
    static Forecast of(QueueSettings settings, Load load, EngineLimits limits) {
        double pace = pace(settings, load.handler);
        int tasks = load.tasks;
        if (tasks > MOST_TASKS || looks(tasks, pace) > BOUNDS.looks()) {
            tasks = (int) Math.min(tasks, steadyFrom(settings, load.handler) + STEADY);
        }
        Result run = Simulation.of(settings, new Scene(tasks, load.handler, Duration.ZERO, limits), BOUNDS);
        double rest = fluid(settings, load, load.tasks) - fluid(settings, load, tasks);
        return new Forecast(run.took().plus(Duration.ofMillis(Math.round(rest * 1000))), tasks, pace, run);
    }

    /** For some time from the beginning all answers are 503. Nothing is reckoned here: the backlog is cut to what can be run. */
    static Forecast ofOutage(QueueSettings settings, Load load, Duration outage, EngineLimits limits) {
        int tasks = Math.min(load.tasks, MOST_TASKS);
        Result run = Simulation.of(settings, new Scene(tasks, load.handler, outage, limits), BOUNDS);
        return new Forecast(run.took(), tasks, pace(settings, load.handler), run);
    }

    /** What the rate allows, or the slots where they are the narrower way. */
    static double pace(QueueSettings settings, Duration handler) {
        return Math.min(settings.rate().perSecond(), slotsPerSecond(settings, handler));
    }

    /** How many requests a second the slots let through; without end where handlers take no time. */
    static double slotsPerSecond(QueueSettings settings, Duration handler) {
        return settings.maxConcurrent() / (handler.toMillis() / 1000.0);
    }

    /** After how many seconds so many requests are answered: by the bucket, or by the slots where those are the narrower way. */
    private static double fluid(QueueSettings settings, Load load, int tasks) {
        double byRate = (tasks - settings.rate().burst()) / settings.rate().perSecond();
        double lastTakes = load.handler.toMillis() / 1000.0;
        return Math.max(byRate + lastTakes, tasks / slotsPerSecond(settings, load.handler));
    }

    private static double looks(int tasks, double pace) {
        return tasks / pace / 5 * tasks / 2;
    }

    private static long steadyFrom(QueueSettings settings, Duration handler) {
        int burst = settings.rate().burst();
        double busy = burst + settings.rate().perSecond() * handler.toMillis() / 1000.0;
        return burst + 2L * (long) Math.min(settings.maxConcurrent(), Math.ceil(busy));
    }
}
