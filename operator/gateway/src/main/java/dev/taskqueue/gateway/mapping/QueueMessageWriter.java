package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.cloud.tasks.v2.AppEngineRouting;
import com.google.cloud.tasks.v2.Queue;
import com.google.cloud.tasks.v2.RateLimits;
import com.google.cloud.tasks.v2.RetryConfig;
import com.google.cloud.tasks.v2.StackdriverLoggingConfig;
import dev.taskqueue.client.Durations;
import java.time.Duration;
import java.util.function.Consumer;

/** Writes the message for a TaskQueue that exists. */
public final class QueueMessageWriter {
    private static final double DEFAULT_RATE = 500;
    private static final int DEFAULT_CONCURRENT = 1_000;
    private static final int DEFAULT_ATTEMPTS = 100;
    private static final int DEFAULT_DOUBLINGS = 16;
    private static final int LEAST_BURST = 10;
    private static final int MOST_BURST = 500;
    private static final int BURST_PART = 5;

    private QueueMessageWriter() {}

    /** Writes the message; {@code location} is that of the request. */
    public static Queue write(JsonNode queue, LocationName location) {
        JsonNode spec = queue.path("spec");
        Queue.Builder message = Queue.newBuilder()
                .setName(new QueueName(location, QueueSnapshot.of(queue).id()).toString())
                .setRateLimits(rateLimits(spec.path("rateLimits")))
                .setRetryConfig(retry(spec.path("retry")))
                .setState(state(queue));
        ProtoTimes.instant(ObjectJson.text(queue.path("status").path("purge"), "cutoffTime"))
                .map(ProtoTimes::timestamp)
                .ifPresent(message::setPurgeTime);
        ObjectJson.message(
                        ObjectJson.annotation(queue, GatewayAnnotations.ROUTING_OVERRIDE),
                        AppEngineRouting.newBuilder())
                .ifPresent(message::setAppEngineRoutingOverride);
        ObjectJson.message(
                        ObjectJson.annotation(queue, GatewayAnnotations.LOGGING), StackdriverLoggingConfig.newBuilder())
                .ifPresent(message::setStackdriverLoggingConfig);
        return message.build();
    }

    /** The state of the queue: what the operator says, else what is asked for. */
    public static Queue.State state(JsonNode queue) {
        String state = ObjectJson.text(queue.path("status"), "state");
        if (state.equals("Invalid")) {
            return Queue.State.DISABLED;
        }
        boolean paused = ObjectJson.text(queue.path("spec"), "state").equals("Paused")
                || (ObjectJson.annotation(queue, GatewayAnnotations.HOLD) != null && state.equals("Held"));
        return paused ? Queue.State.PAUSED : Queue.State.RUNNING;
    }

    private static RateLimits rateLimits(JsonNode limits) {
        double rate = limits.has("maxDispatchesPerSecond")
                ? RateReader.read(limits.path("maxDispatchesPerSecond"))
                : DEFAULT_RATE;
        int computed = (int) Math.clamp(Math.ceil(rate / BURST_PART), LEAST_BURST, MOST_BURST);
        return RateLimits.newBuilder()
                .setMaxDispatchesPerSecond(rate)
                .setMaxBurstSize(limits.path("maxBurstSize").asInt(computed))
                .setMaxConcurrentDispatches(
                        limits.path("maxConcurrentDispatches").asInt(DEFAULT_CONCURRENT))
                .build();
    }

    private static RetryConfig retry(JsonNode retry) {
        RetryConfig.Builder message = RetryConfig.newBuilder()
                .setMaxAttempts(retry.path("maxAttempts").asInt(DEFAULT_ATTEMPTS))
                .setMaxDoublings(retry.path("maxDoublings").asInt(DEFAULT_DOUBLINGS));
        duration(retry, "maxRetryDuration", Duration.ZERO, longest -> {
            if (!longest.isZero()) {
                message.setMaxRetryDuration(ProtoTimes.duration(longest));
            }
        });
        duration(
                retry,
                "minBackoff",
                Duration.ofMillis(100),
                least -> message.setMinBackoff(ProtoTimes.duration(least)));
        duration(retry, "maxBackoff", Duration.ofHours(1), most -> message.setMaxBackoff(ProtoTimes.duration(most)));
        return message.build();
    }

    private static void duration(JsonNode retry, String field, Duration fallback, Consumer<Duration> setter) {
        setter.accept(Durations.parse(ObjectJson.text(retry, field)).orElse(fallback));
    }
}
