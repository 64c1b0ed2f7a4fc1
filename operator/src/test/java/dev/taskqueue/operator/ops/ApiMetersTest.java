package dev.taskqueue.operator.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.ops.ApiMeters.TokenResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ApiMetersTest {
    private final Meters meters = new Meters("1.2.3", () -> Instant.EPOCH, 10);
    private final ApiMeters api = meters.api();

    @Test
    void requestsAreCountedByVerbResourceAndCode() throws IOException {
        api.requested("patch", "tasks", 409, Duration.ofMillis(20));
        api.requested("patch", "tasks", 409, Duration.ofMillis(300));
        api.requested("get", "other", 0, Duration.ofSeconds(10));
        assertThat(scrape())
                .contains(
                        "taskqueue_api_requests_total{code=\"409\",resource=\"tasks\",verb=\"patch\"} 2.0\n",
                        "taskqueue_api_requests_total{code=\"0\",resource=\"other\",verb=\"get\"} 1.0\n",
                        "taskqueue_api_request_duration_seconds_bucket{verb=\"patch\",le=\"0.025\"} 1\n",
                        "taskqueue_api_request_duration_seconds_count{verb=\"patch\"} 2\n");
    }

    @Test
    void aWatchHasNoDuration() throws IOException {
        api.requested("watch", "tasks", 200, Duration.ofMinutes(5));
        assertThat(scrape())
                .contains("taskqueue_api_requests_total{code=\"200\",resource=\"tasks\",verb=\"watch\"} 1.0\n")
                .doesNotContain("taskqueue_api_request_duration_seconds_count{verb=\"watch\"}");
    }

    @Test
    void countersWithClosedLabelsBeginAtZero() throws IOException {
        assertThat(scrape())
                .contains(
                        "taskqueue_tokens_total{result=\"refused\"} 0.0\n",
                        "taskqueue_watch_restarts_total{resource=\"tasks\"} 0.0\n",
                        "taskqueue_reconcile_errors_total 0.0\n");
        api.tokenRequested(TokenResult.refused);
        api.watchRestarted("tasks");
        api.reconcileFailed();
        api.reconciled(Duration.ofMillis(3));
        assertThat(scrape())
                .contains(
                        "taskqueue_tokens_total{result=\"refused\"} 1.0\n",
                        "taskqueue_watch_restarts_total{resource=\"tasks\"} 1.0\n",
                        "taskqueue_reconcile_errors_total 1.0\n",
                        "taskqueue_reconcile_total 1.0\n",
                        "taskqueue_reconcile_duration_seconds_bucket{le=\"0.005\"} 1\n");
    }

    @Test
    void theLeaseAndTheWatchesAreShownAsTheyWereSeen() throws IOException {
        api.observeLease(OptionalInt::empty);
        api.observeWatches(() -> Map.of("tasks", Instant.ofEpochMilli(1_500)));
        assertThat(scrape())
                .contains("taskqueue_watch_last_event_timestamp_seconds{resource=\"tasks\"} 1.5\n")
                .doesNotContain("taskqueue_lease_transitions_total ");
    }

    @Test
    void theTransitionsOfTheLeaseAreACounter() throws IOException {
        api.observeLease(() -> OptionalInt.of(7));
        assertThat(scrape())
                .contains(
                        "# TYPE taskqueue_lease_transitions_total counter\n",
                        "taskqueue_lease_transitions_total 7.0\n");
    }

    @Test
    void theProcessIsShownWhereThatIsAskedFor() throws IOException {
        assertThat(scrape()).doesNotContain("jvm_", "process_");
        meters.observeProcess();
        assertThat(scrape())
                .contains("# TYPE jvm_memory_used_bytes gauge\n", "# TYPE process_cpu_seconds_total counter\n");
    }

    private String scrape() throws IOException {
        var out = new ByteArrayOutputStream();
        meters.write(out);
        return out.toString(UTF_8);
    }
}
