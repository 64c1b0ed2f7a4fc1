package dev.taskqueue.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanCommandTest {
    private static final Path GOLDEN = Path.of("src/test/resources/plan-orders.txt");
    private static final Path README = Path.of("../README.md");

    /** With {@code -Dplan.golden=write} the test writes the expected text again. */
    @Test
    void theSamplesArePlannedAsTheyStandInTheGoldenText() throws IOException {
        TestingPlan plan = TestingPlan.of("../samples/orders");
        String printed = plan.out().replace("../samples", "samples").replaceAll("(?m)^-{10,}$", "---");

        if (System.getProperty("plan.golden", "").equals("write")) {
            Files.writeString(GOLDEN, printed);
        }
        assertThat(printed).isEqualTo(Files.readString(GOLDEN));
        assertThat(plan.exit()).isZero();
    }

    @Test
    void theReadmeShowsWhatIsPrinted() throws IOException {
        String golden = Files.readString(GOLDEN);

        assertThat(Files.readString(README))
                .contains(golden.substring(golden.indexOf("  Sends"), golden.indexOf("  Its Tasks:")));
    }

    @Test
    void standardInputListsAndOtherKindsAreRead() {
        TestingPlan plan = TestingPlan.reading("""
                apiVersion: v1
                kind: List
                items:
                - {apiVersion: v1, kind: Service, metadata: {name: worker}}
                - {apiVersion: apps/v1, kind: Deployment, metadata: {name: worker}}
                - {apiVersion: taskqueue.dev/v1beta1, kind: TaskQueue, metadata: {name: q}}
                ---
                ---
                {"apiVersion": "taskqueue.dev/v1beta1", "kind": "TaskQueue", "metadata": {"name": "q", "namespace": "b"}}
                """, "--namespace", "a", "--backlog", "1");

        assertThat(plan.lines())
                .contains(
                        "TaskQueue a/q (standard input)",
                        "TaskQueue b/q (standard input)",
                        "Skipped, being neither TaskQueue, Task, TaskBatch nor Service: Deployment a/worker.");
    }

    @Test
    void tasksSayWhenTheyAreDue() {
        TestingPlan plan = TestingPlan.reading(TestingPlan.queue("quiet", "")
                + TestingPlan.task("past", "scheduleTime: \"2020-01-01T00:00:00Z\"")
                + TestingPlan.task("soon", "delay: 90s")
                + TestingPlan.task("later", "scheduleTime: \"2026-11-22T00:00:00Z\""));

        assertThat(plan.lines())
                .containsSubsequence(
                        "past   at once", "soon   1m30s after its creation", "later  at 2026-11-22T00:00:00Z");
    }

    @Test
    void anOutageIsPlayedOnRequest() {
        String queue = TestingPlan.queue("q", "rateLimits: {maxDispatchesPerSecond: 100}, retry: {maxAttempts: -1}");

        assertThat(TestingPlan.reading(queue, "--backlog", "500", "--outage", "2m")
                        .lines())
                .anyMatch(line ->
                        line.matches("The same backlog while all answers are 503 for 2m: gone in [0-9]m( [0-9]+s)?\\."))
                .anyMatch(line -> line.endsWith("requests; adaptive throttling goes down to 1 a second."));
        assertThat(TestingPlan.reading(queue, "--backlog", "500").out()).doesNotContain("503");
    }

    @Test
    void whatIsNoYamlIsToldWithItsLine(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("bad.yaml"), "a: 1\nb: [\n");

        TestingPlan plan = TestingPlan.of(file.toString());

        assertThat(plan.exit()).isEqualTo(2);
        assertThat(plan.err().strip())
                .startsWith(file + ", line 2, is no readable YAML: ")
                .doesNotContain("\n");
        assertThat(plan.out()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a: 1\\na: 2                          | standard input, line 2, is no readable YAML: Duplicate field 'a'.",
                "- a                                   | standard input holds something else than Kubernetes objects: remove it.",
                "a: 1                                  | standard input has an object without kind or apiVersion: add them.",
                "{kind: TaskQueue, apiVersion: v1}     | standard input has a TaskQueue without metadata.name: name it.",
            })
    void whatIsNoManifestIsTold(String text, String sentence) {
        TestingPlan plan = TestingPlan.reading(text.replace("\\n", "\n"));

        assertThat(plan.exit()).isEqualTo(2);
        assertThat(plan.err().strip()).isEqualTo(sentence);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "--wat                | --wat is no option of plan.",
                "--backlog            | --backlog needs a value.",
                "--backlog 0 f        | --backlog is a whole number from 1 to 10000000.",
                "--outage 25h f       | --outage is at most 24h.",
                "--duration soon f    | --duration: \"soon\" is no duration; write numbers with the units h, m, s, ms, such as 10s or 1h30m.",
                "--backlog 5          | plan needs a FILE, or - for standard input.",
                "--output yaml f      | --output is one of text, json.",
                "--fail-on never f    | --fail-on is one of error, warning, note.",
            })
    void wrongArgumentsAreToldWithTheUsage(String words, String sentence) {
        TestingPlan plan = TestingPlan.of(words.split(" ", -1));

        assertThat(plan.exit()).isEqualTo(2);
        assertThat(plan.err()).startsWith(sentence + System.lineSeparator()).endsWith(PlanArguments.USAGE);
    }

    @Test
    void aFileThatIsNotThereIsTold() {
        TestingPlan plan = TestingPlan.of("nowhere.yaml");

        assertThat(plan.exit()).isEqualTo(2);
        assertThat(plan.err().strip()).isEqualTo("nowhere.yaml does not exist.");
    }

    @Test
    void helpIsNoError() {
        TestingPlan plan = TestingPlan.of("--help");

        assertThat(plan.exit()).isZero();
        assertThat(plan.out()).isEqualTo(PlanArguments.USAGE);
    }
}
