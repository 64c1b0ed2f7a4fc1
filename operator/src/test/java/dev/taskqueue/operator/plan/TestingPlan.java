package dev.taskqueue.operator.plan;

import dev.taskqueue.operator.engine.EngineLimits;
import dev.taskqueue.operator.task.TaskDraft;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One run of the command. */
record TestingPlan(int exit, String out, String err) {
    static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");

    private static final Pattern FINDING = Pattern.compile("^ *((?:error|warning|note) [A-Za-z]+): .*");

    static TestingPlan of(String... words) {
        return run("", words);
    }

    /** Runs the command with a manifest on standard input. */
    static TestingPlan reading(String manifest, String... options) {
        return run(manifest, Stream.concat(Stream.of(options), Stream.of("-")).toArray(String[]::new));
    }

    private static TestingPlan run(String in, String... words) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var command = new PlanCommand(
                new PlanCommand.Streams(
                        new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8)),
                new PlanCommand.Operator(
                        new TaskDraft.Limits(Duration.ofDays(30), Duration.ofMinutes(30)),
                        new EngineLimits(10_000, 1000)),
                () -> NOW);
        int exit = command.run(List.of(words));
        return new TestingPlan(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    List<String> lines() {
        return out.lines().map(String::strip).toList();
    }

    /** Weight and name of each finding, in order. */
    List<String> findings() {
        return out.lines()
                .map(FINDING::matcher)
                .filter(matcher -> matcher.matches())
                .map(matcher -> matcher.group(1))
                .toList();
    }

    /** The sentence of the only finding of this name. */
    String sentence(String name) {
        return out.lines()
                .map(String::strip)
                .filter(line -> line.contains(" " + name + ": "))
                .map(line -> line.substring(line.indexOf(": ") + 2))
                .reduce((one, other) -> {
                    throw new AssertionError(name + " is told twice: " + one + " / " + other);
                })
                .orElseThrow(() -> new AssertionError(name + " is not told in:\n" + out));
    }

    /** A TaskQueue with this spec, in YAML's flow style. */
    static String queue(String name, String spec) {
        return """
                ---
                apiVersion: taskqueue.dev/v1beta1
                kind: TaskQueue
                metadata: {name: %s}
                spec: {%s}
                """.formatted(name, spec);
    }

    /** A Task with this spec, in YAML's flow style. */
    static String task(String name, String spec) {
        return """
                ---
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata: {name: %s}
                spec: {ttlAfterFinished: 2h, queueRef: {name: quiet}, %s}
                """.formatted(name, spec);
    }
}
