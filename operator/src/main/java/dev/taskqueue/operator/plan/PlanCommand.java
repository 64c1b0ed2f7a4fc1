package dev.taskqueue.operator.plan;

import dev.taskqueue.operator.engine.EngineLimits;
import dev.taskqueue.operator.task.TaskDraft;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/** The command {@code plan}: reads manifests and prints what their queues and Tasks will do. */
public final class PlanCommand {
    /** Nothing was found that {@code --fail-on} names. */
    public static final int FINE = 0;

    /** Something would be refused, or is as grave as {@code --fail-on} says. */
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
        plan.predict(arguments, operator.engine, operator.tasks);
        print(plan, arguments);
        return plan.has(arguments.report().failOn()) ? REFUSED : FINE;
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
        switch (arguments.report().format()) {
            case TEXT -> new PlanText(streams.out, plan, arguments).print();
            case JSON -> streams.out.println(PlanJson.of(plan, arguments.load()));
        }
    }
}
