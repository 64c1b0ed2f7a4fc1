package dev.taskqueue.operator.plan;

import dev.taskqueue.operator.domain.QueueSettings;
import dev.taskqueue.operator.engine.EngineLimits;
import dev.taskqueue.operator.task.QueueProfile;
import dev.taskqueue.operator.task.TaskDraft;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** The command {@code plan}: reads manifests and prints what their queues and Tasks will do. */
public final class PlanCommand {
    /** Nothing would be refused. */
    public static final int FINE = 0;

    /** Something would be refused. */
    public static final int REFUSED = 1;

    /** The arguments are wrong, or a manifest cannot be read. */
    public static final int WRONG_CALL = 2;

    private final Streams streams;
    private final Operator operator;
    private final InstantSource wall;

    /** The streams from which the command reads {@code -}, and to which it prints. */
    public record Streams(InputStream in, PrintStream out, PrintStream err) {}

    /** The settings of the operator that the manifests are meant for. */
    public record Operator(TaskDraft.Limits tasks, EngineLimits engine) {}

    public PlanCommand(Streams streams, Operator operator, InstantSource wall) {
        this.streams = streams;
        this.operator = operator;
        this.wall = wall;
    }

    /** Returns the exit code. */
    public int run(List<String> words) {
        if (words.contains("--help")) {
            streams.out.print(PlanArguments.USAGE);
            return FINE;
        }
        PlanArguments arguments;
        List<ManifestObject> objects;
        try {
            arguments = PlanArguments.parse(words);
        } catch (IllegalArgumentException wrong) {
            streams.err.println(wrong.getMessage());
            streams.err.print(PlanArguments.USAGE);
            return WRONG_CALL;
        }
        try {
            objects = read(arguments);
        } catch (ManifestReader.Unreadable wrong) {
            streams.err.println(wrong.getMessage());
            return WRONG_CALL;
        }
        Plan plan = Plan.of(objects, operator.tasks, wall.instant());
        print(plan, arguments);
        return plan.errors() == 0 ? FINE : REFUSED;
    }

    private List<ManifestObject> read(PlanArguments arguments) throws ManifestReader.Unreadable {
        var reader = new ManifestReader(arguments.namespace());
        for (String file : arguments.files()) {
            try {
                if (file.equals("-")) {
                    reader.parse("standard input", new String(streams.in.readAllBytes(), StandardCharsets.UTF_8));
                } else {
                    reader.read(Path.of(file));
                }
            } catch (IOException | InvalidPathException failure) {
                throw new ManifestReader.Unreadable(file + " cannot be read: " + failure.getMessage());
            }
        }
        return reader.all();
    }

    private void print(Plan plan, PlanArguments arguments) {
        for (PlannedQueue queue : plan.queues()) {
            heading(queue.declared());
            QueueProfile profile = queue.profile();
            if (profile != null) {
                serve(queue, profile, arguments);
                if (!queue.findings().isEmpty()) {
                    streams.out.println();
                }
            }
            findings(queue.findings(), "  ");
            List<PlannedTask> tasks = plan.tasksOf(queue);
            if (!tasks.isEmpty()) {
                streams.out.println();
                streams.out.println("  Its Tasks:");
                tasks(tasks, plan);
            }
            streams.out.println();
        }
        if (!plan.strayTasks().isEmpty()) {
            streams.out.println("Of queues that are not in these files:");
            tasks(plan.strayTasks(), plan);
            streams.out.println();
        }
        if (!plan.skipped().isEmpty()) {
            streams.out.println(
                    "Skipped, being neither TaskQueue nor Task: " + String.join(", ", plan.skipped()) + ".");
        }
        findings(plan.findings(), "");
        streams.out.println(plan.summary());
    }

    private void heading(ManifestObject declared) {
        String heading = declared + " (" + declared.source() + ")";
        streams.out.println(heading);
        streams.out.println("-".repeat(heading.length()));
    }

    private void serve(PlannedQueue queue, QueueProfile profile, PlanArguments arguments) {
        Forecast.Load load = arguments.load();
        QueueSettings settings = running(profile.settings());
        RetrySchedule timetable = RetrySchedule.shortest(settings.retry(), Duration.ZERO, settings.unfinished());
        QueuePage.retries(profile, timetable).forEach(this::indented);
        queue.check(timetable, load, operator.tasks);
        if (load.handler().compareTo(profile.dispatchDeadline()) <= 0) {
            Forecast forecast = Forecast.of(settings, load, operator.engine);
            QueuePage.backlog(profile, forecast, load).forEach(this::indented);
            queue.check(forecast, load);
            if (!arguments.outage().isZero()) {
                Forecast outage = Forecast.ofOutage(settings, load, arguments.outage(), operator.engine);
                QueuePage.outage(outage, arguments.outage(), load, settings).forEach(this::indented);
            }
        }
    }

    /** A paused queue is planned for the time when it runs. */
    private static QueueSettings running(QueueSettings settings) {
        return new QueueSettings(
                false,
                settings.rate(),
                settings.maxConcurrent(),
                settings.retry(),
                settings.adaptive(),
                settings.unfinished());
    }

    private void indented(String line) {
        streams.out.println(line.isEmpty() ? "" : "  " + line);
    }

    private void findings(List<Finding> findings, String indent) {
        findings.forEach(finding -> streams.out.println(indent + finding));
    }

    private void tasks(List<PlannedTask> tasks, Plan plan) {
        int width = tasks.stream()
                .mapToInt(task -> task.declared().name().length())
                .max()
                .orElse(0);
        int listed = 0;
        for (PlannedTask task : tasks) {
            boolean shown = listed < Plan.LISTED || !task.findings().isEmpty();
            if (shown) {
                listed++;
                streams.out.println("    " + padded(task.declared().name(), width) + "  " + task.due(plan.now()));
                findings(task.findings(), "      ");
            }
        }
        if (listed < tasks.size()) {
            streams.out.println("    and " + Numbers.number(tasks.size() - listed) + " more");
        }
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}
