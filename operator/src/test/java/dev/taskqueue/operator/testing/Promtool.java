package dev.taskqueue.operator.testing;

import dev.taskqueue.controlplane.testing.TestFolders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Prometheus' own checks. Each returns what is wrong; an empty text means that nothing is. */
public final class Promtool {
    private final Path home;
    private final CommandLine command;

    public Promtool() {
        home = TestFolders.create("promtool");
        command = new CommandLine(Tools.promtool(), home, Map.of());
    }

    /** Checks what {@code /metrics} answers. */
    public String checkMetrics(String text) {
        return run(text, "check", "metrics");
    }

    /** Checks a file of rules, strictly. */
    public String checkRules(Path file) {
        return run("", "check", "rules", "--lint=all", "--lint-fatal", file.toString());
    }

    /** Checks that Prometheus can read these expressions. */
    public String checkExpressions(List<String> expressions) {
        var rules = new StringBuilder("groups:\n  - name: expressions\n    rules:\n");
        for (int i = 0; i < expressions.size(); i++) {
            String quoted = expressions.get(i).replace("'", "''");
            rules.append("      - {record: 'expression:%d', expr: '%s'}\n".formatted(i, quoted));
        }
        try {
            return checkRules(Files.writeString(home.resolve("rules.yaml"), rules));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a file of unit tests of rules. */
    public String testRules(Path file) {
        return run("", "test", "rules", file.toString());
    }

    private String run(String stdin, String... args) {
        CommandLine.Answer answer = command.run(stdin, List.of(args));
        return answer.code() == 0 ? "" : "exit code " + answer.code() + "\n" + answer.output() + answer.errors();
    }
}
