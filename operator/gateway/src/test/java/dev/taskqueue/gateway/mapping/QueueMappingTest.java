package dev.taskqueue.gateway.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.cloud.tasks.v2.AppEngineRouting;
import com.google.cloud.tasks.v2.Queue;
import com.google.cloud.tasks.v2.RateLimits;
import com.google.cloud.tasks.v2.RetryConfig;
import com.google.cloud.tasks.v2.StackdriverLoggingConfig;
import com.google.protobuf.FieldMask;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A queue of Cloud Tasks as a TaskQueue, and back. */
class QueueMappingTest {
    private static final QueueName NAME = QueueName.parse("projects/demo/locations/us-central1/queues/Orders", "name");

    private static JsonNode json(String text) {
        try {
            return ObjectJson.MAPPER.readTree(text);
        } catch (IOException wrong) {
            throw new IllegalArgumentException(text, wrong);
        }
    }

    private static Queue everything() {
        return Queue.newBuilder()
                .setName(NAME.toString())
                .setRateLimits(RateLimits.newBuilder()
                        .setMaxDispatchesPerSecond(2.5)
                        .setMaxBurstSize(77)
                        .setMaxConcurrentDispatches(9))
                .setRetryConfig(RetryConfig.newBuilder()
                        .setMaxAttempts(5)
                        .setMaxRetryDuration(ProtoTimes.duration(Duration.ofHours(1)))
                        .setMinBackoff(ProtoTimes.duration(Duration.ofSeconds(10)))
                        .setMaxBackoff(ProtoTimes.duration(Duration.ofSeconds(300)))
                        .setMaxDoublings(4))
                .setAppEngineRoutingOverride(AppEngineRouting.newBuilder().setService("worker"))
                .setStackdriverLoggingConfig(
                        StackdriverLoggingConfig.newBuilder().setSamplingRatio(0.5))
                .build();
    }

    @Test
    void aNewQueueHasWhatWasGivenAndNothingElse() {
        assertThat(QueueObjectWriter.create(Queue.getDefaultInstance(), NAME, "shop", false))
                .isEqualTo(json("""
                {"apiVersion": "taskqueue.dev/v1beta1", "kind": "TaskQueue",
                 "metadata": {"name": "orders", "namespace": "shop", "annotations": {"gateway.taskqueue.dev/queue-id": "Orders"}},
                 "spec": {}}
                """));
        JsonNode object = QueueObjectWriter.create(everything(), NAME, "shop", true);
        assertThat(object.path("spec")).isEqualTo(json("""
                {"headerFamilies": ["CloudTasks", "AppEngine"],
                 "rateLimits": {"maxDispatchesPerSecond": "2.5", "maxConcurrentDispatches": 9},
                 "retry": {"maxAttempts": 5, "maxRetryDuration": "1h", "minBackoff": "10s", "maxBackoff": "5m", "maxDoublings": 4}}
                """));
    }

    @Test
    void whatAQueueHasComesBack() {
        Queue back =
                QueueMessageWriter.write(QueueObjectWriter.create(everything(), NAME, "shop", false), NAME.location());
        Queue.Builder expected = everything().toBuilder().setState(Queue.State.RUNNING);
        expected.getRateLimitsBuilder().setMaxBurstSize(10);
        assertThat(back).isEqualTo(expected.build());
    }

    @Test
    void aPatchHasTheMaskedFieldsAlone() {
        JsonNode patch = QueueObjectWriter.patch(
                everything().toBuilder().clearRetryConfig().build(),
                FieldMask.newBuilder()
                        .addAllPaths(List.of(
                                "rateLimits.maxConcurrentDispatches",
                                "retry_config.min_backoff",
                                "state",
                                "rate_limits.max_burst_size"))
                        .build(),
                "7");
        assertThat(patch).isEqualTo(json("""
                {"metadata": {"resourceVersion": "7"}, "spec": {"rateLimits": {"maxConcurrentDispatches": 9}, "retry": {"minBackoff": null}}}
                """));
    }

    @Test
    void anEmptyMaskMeansEveryFieldThatCanBeChanged() {
        JsonNode patch = QueueObjectWriter.patch(Queue.getDefaultInstance(), FieldMask.getDefaultInstance(), "7");
        assertThat(patch.path("spec").path("rateLimits").size()).isEqualTo(2);
        assertThat(patch.path("spec").path("retry").size()).isEqualTo(5);
        assertThat(patch.at("/spec/retry/maxAttempts").isNull()).isTrue();
        assertThat(patch.path("metadata").path("annotations").size()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"httpTarget", "rate_limits.no_such", "http_target.uri_override", "nonsense"})
    void aPathThatIsNoFieldIsRefused(String path) {
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() -> QueueObjectWriter.patch(
                        everything(), FieldMask.newBuilder().addPaths(path).build(), ""))
                .withMessageContaining("is no field of a queue");
    }

    @ParameterizedTest
    @CsvSource({"0.0001", "-1", "10001", "NaN", "Infinity"})
    void aRateOutOfBoundsIsRefused(double rate) {
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() -> QueueObjectWriter.create(
                        Queue.newBuilder()
                                .setRateLimits(RateLimits.newBuilder().setMaxDispatchesPerSecond(rate))
                                .build(),
                        NAME,
                        "shop",
                        false))
                .withMessageStartingWith("RateLimits.max_dispatches_per_second");
    }

    @Test
    void retriesOutOfBoundsAreRefused() {
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() -> retry(RetryConfig.newBuilder().setMaxAttempts(-2)))
                .withMessageStartingWith("RetryConfig.max_attempts");
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() -> retry(RetryConfig.newBuilder()
                        .setMinBackoff(ProtoTimes.duration(Duration.ofSeconds(9)))
                        .setMaxBackoff(ProtoTimes.duration(Duration.ofSeconds(8)))))
                .withMessageStartingWith("RetryConfig.min_backoff");
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() ->
                        retry(RetryConfig.newBuilder().setMinBackoff(ProtoTimes.duration(Duration.ofSeconds(-1)))))
                .withMessageStartingWith("RetryConfig.min_backoff");
        assertThat(retry(RetryConfig.newBuilder().setMaxAttempts(-1))
                        .at("/spec/retry/maxAttempts")
                        .asInt())
                .isEqualTo(-1);
    }

    private static JsonNode retry(RetryConfig.Builder retry) {
        return QueueObjectWriter.create(Queue.newBuilder().setRetryConfig(retry).build(), NAME, "shop", false);
    }

    @ParameterizedTest
    @CsvSource({"Running, Running, RUNNING", "Paused, Running, PAUSED", "Running, Invalid, DISABLED"})
    void theStateIsWhatIsAskedForUnlessTheQueueIsInvalid(String spec, String status, Queue.State state) {
        assertThat(QueueMessageWriter.state(
                        json("{\"spec\":{\"state\":\"" + spec + "\"},\"status\":{\"state\":\"" + status + "\"}}")))
                .isEqualTo(state);
    }

    @Test
    void aHeldQueueIsPaused() {
        assertThat(
                        QueueMessageWriter.state(
                                json(
                                        "{\"metadata\":{\"annotations\":{\"taskqueue.dev/hold\":\"audit\"}},\"spec\":{},\"status\":{\"state\":\"Held\"}}")))
                .isEqualTo(Queue.State.PAUSED);
    }

    @ParameterizedTest
    @CsvSource({"500m, 0.5", "25, 25", "0.001, 0.001", "1k, 1000"})
    void aQuantityIsARate(String written, double rate) {
        assertThat(QueueMessageWriter.write(
                                json(
                                        "{\"metadata\":{\"name\":\"q\"},\"spec\":{\"rateLimits\":{\"maxDispatchesPerSecond\":\""
                                                + written + "\"}}}"),
                                NAME.location())
                        .getRateLimits()
                        .getMaxDispatchesPerSecond())
                .isEqualTo(rate);
    }

    @Test
    void aFilterComparesStateOrName() {
        Queue running = Queue.newBuilder()
                .setName(NAME.toString())
                .setState(Queue.State.RUNNING)
                .build();
        assertThat(QueueFilter.parse("").test(running)).isTrue();
        assertThat(QueueFilter.parse("state=RUNNING").test(running)).isTrue();
        assertThat(QueueFilter.parse("state!=RUNNING").test(running)).isFalse();
        assertThat(QueueFilter.parse("name:Ord").test(running)).isTrue();
        assertThat(QueueFilter.parse("name=Orders").test(running)).isTrue();
        assertThatExceptionOfType(RpcFailure.class).isThrownBy(() -> QueueFilter.parse("rate>5"));
    }
}
