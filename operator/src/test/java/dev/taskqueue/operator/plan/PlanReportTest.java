package dev.taskqueue.operator.plan;

import static dev.taskqueue.operator.plan.TestingPlan.queue;
import static dev.taskqueue.operator.plan.TestingPlan.reading;
import static dev.taskqueue.operator.plan.TestingPlan.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plan for programs: JSON, and exit codes. */
class PlanReportTest {
    private static final String QUEUE = queue(
            "quiet",
            "rateLimits: {maxDispatchesPerSecond: 2, maxBurstSize: 2, maxConcurrentDispatches: 5}, "
                    + "retry: {maxAttempts: 3, minBackoff: 1s}, httpTarget: {serviceRef: {name: worker}}");
    private static final String WARNING = task("t", "delay: 721h");
    private static final String NOTE = task("t", "httpRequest: {body: x}");
    private static final String ERROR = task("t", "delai: 5s");

    @Test
    void asJsonItHasTheSameFactsAndNothingElseIsPrinted() throws IOException {
        TestingPlan plan = reading(QUEUE + WARNING, "--backlog", "10", "--output", "json");

        JsonNode json = new ObjectMapper().readTree(plan.out());
        assertThat(json.path("queues").get(0).toString())
                .isEqualTo(
                        "{\"namespace\":\"default\",\"name\":\"quiet\",\"source\":\"standard input\",\"dispatchesPerSecond\":2.0,\"burst\":2,"
                                + "\"concurrency\":5,\"retries\":{\"attempts\":3,\"took\":\"3s\",\"end\":\"GIVEN_UP\"},"
                                + "\"backlog\":{\"tasks\":10,\"took\":\"4s100ms\",\"perSecond\":2.0,\"left\":0},\"findings\":[]}");
        assertThat(json.path("tasks").get(0).path("due").asText()).isEqualTo("721h after its creation");
        assertThat(json.path("tasks").get(0).path("findings").get(0).path("severity").asText())
                .isEqualTo("warning");
        assertThat(json.path("tasks").get(0).path("findings").get(0).path("name").asText())
                .isEqualTo("LimitExceeded");
        assertThat(json.path("summary").toString()).isEqualTo("{\"errors\":0,\"warnings\":1,\"notes\":0}");
        assertThat(plan.err()).isEmpty();
        assertThat(plan.exit()).isZero();
    }

    @Test
    void aRefusedQueueHasNoPredictionInJson() throws IOException {
        JsonNode json = new ObjectMapper()
                .readTree(reading(queue("quiet", "rateLimits: 5"), "--output", "json").out());

        assertThat(json.path("queues").get(0).has("retries")).isFalse();
        assertThat(json.path("queues").get(0).path("findings").get(0).path("severity").asText())
                .isEqualTo("error");
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "note,    error,   0", "note,    warning, 0", "note,    note,    1",
        "warning, error,   0", "warning, warning, 1", "warning, note,    1",
        "error,   error,   1", "error,   warning, 1", "error,   note,    1",
        "none,    note,    0"
    })
    void theExitCodeSaysWhetherThereIsSuchAFinding(String finding, String failOn, int exit) {
        String tasks = switch (finding) {
            case "note" -> NOTE;
            case "warning" -> WARNING;
            case "error" -> ERROR;
            default -> "";
        };

        assertThat(reading(QUEUE + tasks, "--backlog", "10", "--fail-on", failOn).exit()).isEqualTo(exit);
    }
}
