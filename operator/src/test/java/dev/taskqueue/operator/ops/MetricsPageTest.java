package dev.taskqueue.operator.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.QueueStats;
import dev.taskqueue.operator.limits.SharedPool;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.TestingAttempts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsPageTest {
    private static final QueueId QUEUE = new QueueId("shop", "orders");

    private static final String METRIC = "(?:taskqueue|jvm|process)_\\w+";

    /** The JVM tells of it only after its first garbage collection. */
    private static final String AFTER_A_COLLECTION = "jvm_memory_pool_allocated_bytes_total";

    @Test
    void thePageListsEveryMetricAndNoOther() throws IOException {
        String page = Files.readString(ControlPlane.repository().resolve("docs/operations.md"));
        String section = page.substring(page.indexOf("\n## Metrics\n"), page.indexOf("\n## Uninstall"));
        Set<String> told = names(scrape(), "(?m)^# TYPE (" + METRIC + ")");
        told.add(AFTER_A_COLLECTION);
        assertThat(names(section, "(?m)^\\| `(" + METRIC + ")`|, `(" + METRIC + ")`"))
                .isEqualTo(told);
    }

    /** Alerts and dashboards query metrics by their exact names. */
    @ParameterizedTest
    @ValueSource(strings = {"alerts.yaml", "dashboards/queues.json", "dashboards/operator.json"})
    void theChartAsksForNothingThatIsNotTold(String file) throws IOException {
        String text = Files.readString(
                ControlPlane.repository().resolve("charts/taskqueue/files").resolve(file));
        assertThat(names(text, "\\b(" + METRIC + ")"))
                .isNotEmpty()
                .isSubsetOf(names(scrape(), "(?m)^(" + METRIC + ")"));
    }

    private static String scrape() throws IOException {
        var waiting = Map.of(Obstacle.Reason.NoReadyEndpoint, 1);
        var meters = new Meters("1.2.3", () -> Instant.EPOCH, 10);
        meters.observe(
                () -> Map.of(QUEUE, new QueueStats(0, 1, 0, 0, null, 0, 1, waiting)),
                queue -> new QueueFacts(1, 1, "Running", 0),
                () -> true);
        meters.observeProcess();
        meters.api().observeWatches(() -> Map.of("tasks", Instant.EPOCH));
        meters.api().observeLease(() -> OptionalInt.of(1));
        meters.api().requested("patch", "tasks", 200, Duration.ZERO);
        meters.observeNamespaces(() -> Map.of("shop", true));
        meters.observeBatches(() -> Map.of("Running", 1));
        meters.observePools(List.of(new SharedPool("requests", 10, true)));
        meters.departed(QUEUE, Duration.ZERO);
        var task = new TaskId("shop", "a", "uid");
        meters.attempted(
                TestingAttempts.first(task, QUEUE, Instant.EPOCH), Outcome.Answered.of(200), Duration.ZERO, () -> null);
        meters.finished(task, QUEUE, new Ending(Ending.Reason.Delivered, "The worker answered 200."));
        meters.written("Outcome", "written");
        meters.committed(1);
        var out = new ByteArrayOutputStream();
        meters.write(out);
        return out.toString(UTF_8);
    }

    private static Set<String> names(String text, String pattern) {
        var names = new TreeSet<String>();
        Pattern.compile(pattern)
                .matcher(text)
                .results()
                .flatMap(found -> IntStream.rangeClosed(1, found.groupCount()).mapToObj(found::group))
                .filter(Objects::nonNull)
                .forEach(names::add);
        return names;
    }
}
