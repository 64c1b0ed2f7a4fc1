package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.google.cloud.tasks.v2.Queue;
import com.google.cloud.tasks.v2.RateLimits;
import com.google.cloud.tasks.v2.RetryConfig;
import dev.taskqueue.client.Durations;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The fields of a queue that a caller may set: where each lies in the TaskQueue, and its value there. */
final class QueueFields {
    private static final int MOST_RATE = 10_000;
    private static final int MOST_CONCURRENT = 5_000;

    /**
     * One field.
     *
     * @param object the way to it in the TaskQueue
     * @param value null where the message has none, which means the default
     */
    record Field(List<String> object, Function<Queue, @Nullable JsonNode> value) {
        JsonNode patch(Queue queue) {
            JsonNode set = value.apply(queue);
            return set == null ? NullNode.getInstance() : set;
        }
    }

    /** All fields by their path in the proto file, in the spelling there. */
    static final Map<String, Field> ALL = all();

    /** Fields that only answers have; a mask may name them and nothing happens. */
    static final List<String> OUTPUT_ONLY = List.of("name", "state", "purge_time", "rate_limits.max_burst_size");

    private QueueFields() {}

    private static Map<String, Field> all() {
        var fields = new LinkedHashMap<String, Field>();
        fields.put(
                "rate_limits.max_dispatches_per_second",
                spec("rateLimits", "maxDispatchesPerSecond", QueueFields::rate));
        fields.put(
                "rate_limits.max_concurrent_dispatches",
                spec("rateLimits", "maxConcurrentDispatches", QueueFields::concurrent));
        fields.put("retry_config.max_attempts", spec("retry", "maxAttempts", QueueFields::attempts));
        fields.put(
                "retry_config.max_retry_duration",
                spec(
                        "retry",
                        "maxRetryDuration",
                        queue -> duration(
                                queue.getRetryConfig().hasMaxRetryDuration(),
                                queue.getRetryConfig().getMaxRetryDuration(),
                                "max_retry_duration")));
        fields.put(
                "retry_config.min_backoff",
                spec(
                        "retry",
                        "minBackoff",
                        queue -> duration(
                                queue.getRetryConfig().hasMinBackoff(),
                                queue.getRetryConfig().getMinBackoff(),
                                "min_backoff")));
        fields.put(
                "retry_config.max_backoff",
                spec(
                        "retry",
                        "maxBackoff",
                        queue -> duration(
                                queue.getRetryConfig().hasMaxBackoff(),
                                queue.getRetryConfig().getMaxBackoff(),
                                "max_backoff")));
        fields.put("retry_config.max_doublings", spec("retry", "maxDoublings", QueueFields::doublings));
        fields.put(
                "app_engine_routing_override",
                annotation(
                        GatewayAnnotations.ROUTING_OVERRIDE,
                        queue -> queue.hasAppEngineRoutingOverride()
                                ? TextNode.valueOf(ObjectJson.text(queue.getAppEngineRoutingOverride()))
                                : null));
        fields.put(
                "stackdriver_logging_config",
                annotation(
                        GatewayAnnotations.LOGGING,
                        queue -> queue.hasStackdriverLoggingConfig()
                                ? TextNode.valueOf(ObjectJson.text(queue.getStackdriverLoggingConfig()))
                                : null));
        return fields;
    }

    private static Field spec(String group, String name, Function<Queue, @Nullable JsonNode> value) {
        return new Field(List.of("spec", group, name), value);
    }

    private static Field annotation(String name, Function<Queue, @Nullable JsonNode> value) {
        return new Field(List.of("metadata", "annotations", name), value);
    }

    private static @Nullable JsonNode rate(Queue queue) {
        double rate = queue.getRateLimits().getMaxDispatchesPerSecond();
        if (!(rate >= 0) || rate > MOST_RATE) {
            throw invalid("RateLimits", "max_dispatches_per_second", "must be between 0 and " + MOST_RATE);
        }
        if (rate == 0) {
            return null;
        }
        BigDecimal rounded =
                BigDecimal.valueOf(rate).setScale(3, RoundingMode.HALF_UP).stripTrailingZeros();
        if (rounded.signum() == 0) {
            throw invalid("RateLimits", "max_dispatches_per_second", "must be at least 0.001");
        }
        return rounded.scale() <= 0
                ? IntNode.valueOf(rounded.intValueExact())
                : TextNode.valueOf(rounded.toPlainString());
    }

    private static @Nullable JsonNode concurrent(Queue queue) {
        RateLimits limits = queue.getRateLimits();
        int most = limits.getMaxConcurrentDispatches();
        if (most < 0 || most > MOST_CONCURRENT) {
            throw invalid("RateLimits", "max_concurrent_dispatches", "must be between 0 and " + MOST_CONCURRENT);
        }
        return most == 0 ? null : IntNode.valueOf(most);
    }

    private static @Nullable JsonNode attempts(Queue queue) {
        int most = queue.getRetryConfig().getMaxAttempts();
        if (most < -1) {
            throw invalid("RetryConfig", "max_attempts", "must be -1 (no limit), 0 (the default) or more");
        }
        return most == 0 ? null : IntNode.valueOf(most);
    }

    private static @Nullable JsonNode doublings(Queue queue) {
        RetryConfig retry = queue.getRetryConfig();
        if (retry.getMaxDoublings() < 0) {
            throw invalid("RetryConfig", "max_doublings", "must not be negative");
        }
        return retry.getMaxDoublings() == 0 ? null : IntNode.valueOf(retry.getMaxDoublings());
    }

    private static @Nullable JsonNode duration(boolean has, com.google.protobuf.Duration given, String name) {
        if (!has) {
            return null;
        }
        Duration duration = ProtoTimes.duration(given, "queue.retry_config." + name);
        if (duration.isNegative()) {
            throw invalid("RetryConfig", name, "must not be negative");
        }
        try {
            return TextNode.valueOf(Durations.text(duration));
        } catch (IllegalArgumentException tooLong) {
            throw invalid("RetryConfig", name, "is too long");
        }
    }

    /** Refuses a shortest pause that is longer than the longest one. */
    static void check(Queue queue) {
        RetryConfig retry = queue.getRetryConfig();
        if (!retry.hasMinBackoff() || !retry.hasMaxBackoff()) {
            return;
        }
        Duration least = ProtoTimes.duration(retry.getMinBackoff(), "queue.retry_config.min_backoff");
        if (least.compareTo(ProtoTimes.duration(retry.getMaxBackoff(), "queue.retry_config.max_backoff")) > 0) {
            throw invalid("RetryConfig", "min_backoff", "must not be longer than max_backoff");
        }
    }

    private static RpcFailure invalid(String message, String field, String rule) {
        String group = message.equals("RateLimits") ? "rate_limits" : "retry_config";
        return RpcFailure.invalid("queue." + group + "." + field, message + "." + field + " " + rule + ".");
    }
}
