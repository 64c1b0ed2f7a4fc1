package dev.taskqueue.operator.plan;

import static dev.taskqueue.operator.domain.Durations.format;
import static dev.taskqueue.operator.domain.Durations.words;

import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.plan.RetrySchedule.Row;
import dev.taskqueue.operator.task.QueueProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Prints what a queue will do. */
final class QueuePage {
    /** A longer timetable is shown by its beginning and its end. */
    private static final int WHOLE_TABLE = 12;

    private static final int FIRST_ROWS = 8;
    private static final int LAST_ROWS = 2;

    private final QueueProfile profile;
    private final QueueSettings settings;
    private final List<String> lines = new ArrayList<>();

    private QueuePage(QueueProfile profile) {
        this.profile = profile;
        this.settings = profile.settings();
    }

    /** The limits, and the retries of a Task that fails. */
    static List<String> retries(QueueProfile profile, RetrySchedule timetable) {
        var page = new QueuePage(profile);
        page.limits();
        page.timetable(timetable);
        page.givingUp(timetable);
        return page.lines;
    }

    /** A backlog whose answers are all 200. */
    static List<String> backlog(QueueProfile profile, Forecast forecast, Forecast.Load load) {
        var page = new QueuePage(profile);
        page.lines.add("");
        page.backlog(forecast, load);
        return page.lines;
    }

    private void limits() {
        lines.add("Sends %s a second, up to %s at once after a quiet time, %s at a time; an attempt may take %s."
                .formatted(
                        Numbers.number(settings.rate().perSecond()),
                        Numbers.number(settings.rate().burst()),
                        Numbers.number(settings.maxConcurrent()),
                        format(profile.dispatchDeadline())));
    }

    private void timetable(RetrySchedule timetable) {
        lines.add("");
        lines.add("A Task whose every attempt fails at once:");
        lines.add("  attempt  after        in all");
        List<Row> rows = timetable.rows();
        if (rows.size() <= WHOLE_TABLE) {
            rows.forEach(this::row);
            return;
        }
        rows.subList(0, FIRST_ROWS).forEach(this::row);
        lines.add("      ...  %s".formatted(growth(rows)));
        if (timetable.end() != RetrySchedule.End.GOES_ON) {
            rows.subList(rows.size() - LAST_ROWS, rows.size()).forEach(this::row);
        }
    }

    private void row(Row row) {
        lines.add("  %7s  %-11s  %s".formatted(Numbers.number(row.attempt()), words(row.pause()), words(row.at())));
    }

    private String growth(List<Row> rows) {
        Duration cap = settings.retry().maxBackoff();
        for (Row row : rows) {
            if (row.attempt() > 1 && row.pause().compareTo(cap) >= 0) {
                return row.attempt() <= FIRST_ROWS
                        ? "and so on, " + words(cap) + " apart"
                        : "from attempt " + Numbers.number(row.attempt()) + " on " + words(cap) + " apart";
            }
        }
        return "growing on";
    }

    private void givingUp(RetrySchedule timetable) {
        lines.add("  It is " + ended(timetable) + ".");
        RetryPolicy retry = settings.retry();
        if (timetable.end() != RetrySchedule.End.GIVEN_UP) {
            return;
        }
        if (retry.jitterPercent() > 0) {
            lines.add("  With all of the jitter it is "
                    + ended(RetrySchedule.longest(retry, Duration.ZERO, settings.unfinished())) + ".");
        }
        lines.add("  Where every attempt runs into its deadline it is "
                + ended(RetrySchedule.longest(retry, profile.dispatchDeadline(), settings.unfinished())) + ".");
    }

    private String ended(RetrySchedule timetable) {
        String attempts = Numbers.count(timetable.attempts(), "attempt");
        return switch (timetable.end()) {
            case GIVEN_UP -> "given up (RetriesExhausted) after %s in %s".formatted(attempts, words(timetable.endAt()));
            case EXPIRED ->
                "ended by retention.unfinished (Expired) after %s in %s".formatted(attempts, words(timetable.endAt()));
            case GOES_ON ->
                "tried more than %s, up to retention.unfinished %s (Expired)"
                        .formatted(attempts.replace(" attempts", " times"), format(settings.unfinished()));
        };
    }

    private void backlog(Forecast forecast, Forecast.Load load) {
        double slots = Forecast.slotsPerSecond(settings, load.handler());
        String bound = slots < settings.rate().perSecond() ? "concurrency" : "rate";
        boolean expires = forecast.took().compareTo(settings.unfinished()) >= 0;
        lines.add(backlog(load) + ": "
                + (expires
                        ? "not gone within retention.unfinished " + format(settings.unfinished())
                        : ended(forecast, load))
                + ".");
        lines.add("  %s a second, bounded by its %s; at most %s open."
                .formatted(
                        Numbers.number(forecast.perSecond()),
                        bound,
                        Numbers.count(forecast.run().mostOpen(), "request")));
        if (forecast.rehearsed() < load.tasks()) {
            lines.add("  The first %s were run through the engine; the others follow at this pace."
                    .formatted(Numbers.number(forecast.rehearsed())));
        }
    }

    private static String backlog(Forecast.Load load) {
        return "A backlog of %s whose handler takes %s"
                .formatted(Numbers.count(load.tasks(), "Task"), format(load.handler()));
    }

    private static String ended(Forecast forecast, Forecast.Load load) {
        Simulation.Result run = forecast.run();
        if (run.left() > 0) {
            return "not over after %s, with %s left; looked at no further"
                    .formatted(words(Numbers.seconds(run.took())), Numbers.count(run.left(), "Task"));
        }
        String gone = "gone in " + words(Numbers.seconds(forecast.took()));
        int failed =
                run.endings().values().stream().mapToInt(Integer::intValue).sum() - run.ended(Ending.Reason.Delivered);
        return failed == 0 || forecast.rehearsed() < load.tasks() ? gone : gone + failures(run);
    }

    private static String failures(Simulation.Result run) {
        var text = new StringBuilder();
        run.endings().entrySet().stream()
                .filter(ending -> ending.getKey() != Ending.Reason.Delivered)
                .sorted(Map.Entry.comparingByKey())
                .forEach(ending -> text.append(
                        ", %s of them Failed (%s)".formatted(Numbers.number(ending.getValue()), ending.getKey())));
        return text.toString();
    }

    /** The same backlog during an outage. */
    static List<String> outage(Forecast outage, Duration lasts, Forecast.Load load, QueueSettings settings) {
        var lines = new ArrayList<String>();
        Simulation.Result run = outage.run();
        var rehearsed = new Forecast.Load(outage.rehearsed(), load.handler());
        lines.add("The same backlog%s while all answers are 503 for %s: %s."
                .formatted(
                        outage.rehearsed() < load.tasks()
                                ? ", cut to " + Numbers.count(outage.rehearsed(), "Task") + ","
                                : "",
                        format(lasts),
                        ended(outage, rehearsed)));
        lines.add("  %s requests; %s."
                .formatted(
                        Numbers.number(run.attempts()),
                        settings.adaptive()
                                ? "adaptive throttling goes down to " + Numbers.number(run.lowestRate()) + " a second"
                                : "throttling is Disabled, so the rate stays"));
        return lines;
    }
}
