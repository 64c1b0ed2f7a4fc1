package dev.taskqueue.operator.plan;

import static dev.taskqueue.operator.plan.TestingPlan.queue;
import static dev.taskqueue.operator.plan.TestingPlan.reading;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The plan of TaskBatches. */
class BatchPlanTest {
    private static final String QUEUE = queue(
            "quiet",
            "rateLimits: {maxDispatchesPerSecond: 2, maxBurstSize: 2, maxConcurrentDispatches: 5}, "
                    + "httpTarget: {serviceRef: {name: worker}}");

    @Test
    void theItemsOfAllBatchesAreABacklogOfTheirQueue() {
        TestingPlan plan = reading(QUEUE + batch("a", "count: 6") + batch("b", "lines: \"{}\\n{}\\n\\n{}\\n{}\""));

        assertThat(plan.findings()).isEmpty();
        assertThat(plan.lines())
                .contains(
                        "Its TaskBatches:",
                        "a  6 items, at once",
                        "b  4 items, at once",
                        "Together 10 items whose handler takes 100ms: the last has ended 4.1 s after their creation, if none fails.",
                        "1 queue, 0 Tasks, 2 TaskBatches: 0 errors, 0 warnings, 0 notes.");
        assertThat(plan.exit()).isZero();
    }

    @Test
    void itemsWithOwnTimesAreToldFromTheFirstToTheLast() {
        TestingPlan plan = reading(QUEUE + batch("a", "items: [{delay: 1h}, {}, {delay: 30s}]"));

        assertThat(plan.lines()).contains("a  3 items, from at once to 1h after its creation");
        assertThat(plan.out()).contains("after the last is due, at the latest, if none fails.");
    }

    @Test
    void aLineThatCannotBeSentIsAnError() {
        TestingPlan plan = reading(QUEUE + batch("a", "lines: \"{}\\n{\\\"pfad\\\": \\\"/x\\\"}\""));

        assertThat(plan.sentence("InvalidSpec")).isEqualTo("line 2: there is no field \"pfad\": remove it.");
        assertThat(plan.lines()).contains("a  never: refused");
        assertThat(plan.exit()).isEqualTo(1);
    }

    @Test
    void anUnknownFieldOfTheBatchIsAnError() {
        assertThat(reading(QUEUE + batch("a", "count: 3, maxFailled: 1")).findings())
                .containsExactly("error UnknownField");
        assertThat(reading(QUEUE + batch("a", "count: 1001")).findings()).containsExactly("error OutOfBounds");
    }

    @Test
    void whatIsMissingInTheFilesIsAWarning() {
        assertThat(reading(batch("a", "count: 3")).findings()).containsExactly("warning QueueNotInManifest");
        assertThat(reading(queue("quiet", "") + batch("a", "count: 3")).findings())
                .contains("warning TargetNotFound");
        assertThat(reading(QUEUE + batch("a", "count: 3, delay: 1h, expireTime: \"2026-11-21T09:30:00Z\""))
                        .findings())
                .containsExactly("warning ExpiresBeforeDue");
    }

    @Test
    void asJsonItHasTheSameFacts() throws IOException {
        JsonNode json = new ObjectMapper()
                .readTree(reading(QUEUE + batch("a", "count: 10"), "--output", "json")
                        .out());

        assertThat(json.path("batches").get(0).toString())
                .isEqualTo(
                        "{\"namespace\":\"default\",\"name\":\"a\",\"source\":\"standard input\",\"queue\":\"quiet\","
                                + "\"items\":10,\"due\":\"10 items, at once\",\"findings\":[]}");
        assertThat(json.path("queues").get(0).path("batches").toString())
                .isEqualTo("{\"tasks\":10,\"took\":\"4s100ms\",\"perSecond\":2.0,\"left\":0}");
    }

    /** A TaskBatch with this spec, in YAML's flow style. */
    private static String batch(String name, String spec) {
        return """
                ---
                apiVersion: taskqueue.dev/v1beta1
                kind: TaskBatch
                metadata: {name: %s}
                spec: {queueRef: {name: quiet}, %s}
                """.formatted(name, spec);
    }
}
