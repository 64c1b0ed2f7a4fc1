package dev.taskqueue.operator.plan;

import static dev.taskqueue.operator.domain.Durations.format;

import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.kube.QueueProfile;
import dev.taskqueue.operator.plan.Timetable.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is printed of a queue that the operator serves. */
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

    /** The limits, and what becomes of a Task that fails. */
    static List<String> retries(QueueProfile profile, Timetable timetable) {
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
                        Text.number(settings.rate().perSecond()),
                        Text.number(settings.rate().burst()),
                        Text.number(settings.maxConcurrent()),
                        format(profile.dispatchDeadline())));
    }

    private void timetable(Timetable timetable) {
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
        if (timetable.end() != Timetable.End.GOES_ON) {
            rows.subList(rows.size() - LAST_ROWS, rows.size()).forEach(this::row);
        }
    }

    private void row(Row row) {
        lines.add("  %7s  %-11s  %s".formatted(Text.number(row.attempt()), format(row.pause()), format(row.at())));
    }

    private String growth(List<Row> rows) {
        Duration cap = settings.retry().maxBackoff();
        for (Row row : rows) {
            if (row.attempt() > 1 && row.pause().compareTo(cap) >= 0) {
                return row.attempt() <= FIRST_ROWS
                        ? "and so on, " + format(cap) + " apart"
                        : "from attempt " + Text.number(row.attempt()) + " on " + format(cap) + " apart";
            }
        }
        return "growing on";
    }

    private void givingUp(Timetable timetable) {
        lines.add("  It is " + ended(timetable) + ".");
        RetryPolicy retry = settings.retry();
        if (timetable.end() != Timetable.End.GIVEN_UP) {
            return;
        }
        if (retry.jitterPercent() > 0) {
            lines.add("  With all of the jitter it is "
                    + ended(Timetable.longest(retry, Duration.ZERO, settings.unfinished())) + ".");
        }
        lines.add("  Where every attempt runs into its deadline it is "
                + ended(Timetable.longest(retry, profile.dispatchDeadline(), settings.unfinished())) + ".");
    }

    private String ended(Timetable timetable) {
        String attempts = Text.count(timetable.attempts(), "attempt");
        return switch (timetable.end()) {
            case GIVEN_UP ->
                "given up (RetriesExhausted) after %s in %s".formatted(attempts, format(timetable.endAt()));
            case EXPIRED ->
                "ended by retention.unfinished (Expired) after %s in %s".formatted(attempts, format(timetable.endAt()));
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
                        Text.number(forecast.perSecond()),
                        bound,
                        Text.count(forecast.run().mostOpen(), "request")));
        if (forecast.rehearsed() < load.tasks()) {
            lines.add("  The first %s were run through the engine; the others follow at this pace."
                    .formatted(Text.number(forecast.rehearsed())));
        }
    }

    private static String backlog(Forecast.Load load) {
        return "A backlog of %s whose handler takes %s"
                .formatted(Text.count(load.tasks(), "Task"), format(load.handler()));
    }

    private static String ended(Forecast forecast, Forecast.Load load) {
        Rehearsal.Result run = forecast.run();
        if (run.left() > 0) {
            return "not over after %s, with %s left; looked at no further"
                    .formatted(format(Text.seconds(run.took())), Text.count(run.left(), "Task"));
        }
        String gone = "gone in " + format(Text.seconds(forecast.took()));
        int failed =
                run.endings().values().stream().mapToInt(Integer::intValue).sum() - run.ended(Ending.Reason.Delivered);
        return failed == 0 || forecast.rehearsed() < load.tasks() ? gone : gone + failures(run);
    }

    private static String failures(Rehearsal.Result run) {
        var text = new StringBuilder();
        run.endings().entrySet().stream()
                .filter(ending -> ending.getKey() != Ending.Reason.Delivered)
                .sorted(Map.Entry.comparingByKey())
                .forEach(ending -> text.append(
                        ", %s of them Failed (%s)".formatted(Text.number(ending.getValue()), ending.getKey())));
        return text.toString();
    }

    /** What is printed of the same backlog during an outage. */
    static List<String> outage(Forecast outage, Duration lasts, Forecast.Load load, QueueSettings settings) {
        var lines = new ArrayList<String>();
        Rehearsal.Result run = outage.run();
        var rehearsed = new Forecast.Load(outage.rehearsed(), load.handler());
        lines.add("The same backlog%s while all answers are 503 for %s: %s."
                .formatted(
                        outage.rehearsed() < load.tasks()
                                ? ", cut to " + Text.count(outage.rehearsed(), "Task") + ","
                                : "",
                        format(lasts),
                        ended(outage, rehearsed)));
        lines.add("  %s requests; %s."
                .formatted(
                        Text.number(run.attempts()),
                        settings.adaptive()
                                ? "adaptive throttling goes down to " + Text.number(run.lowestRate()) + " a second"
                                : "throttling is Disabled, so the rate stays"));
        return lines;
    }
}
