package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import org.jspecify.annotations.Nullable;

/** How fast a queue dispatches, and how much at once. */
@Part
public record RateLimits(
        @JsonPropertyDescription("""
                How many dispatches a second, at most, first attempts and retries alike. A Kubernetes quantity \
                from 0.001 to 10000: whole numbers as they are, fractions in quotes or with the unit m \
                (thousandths). Default 500. Over any time t no more than maxBurstSize + rate * t are sent. A \
                change takes effect at once. Example: "0.5" or 500m, one dispatch every two seconds.""")
        @Default("500")
        @ValidationRule(
                value = Rules.RATE,
                message =
                        "maxDispatchesPerSecond is a quantity from 0.001 to 10000, such as 25, \"0.5\" (in quotes) or 500m")
        @Nullable Quantity maxDispatchesPerSecond,

        @JsonPropertyDescription("""
                How many dispatches may leave at once after a quiet time: the size of the token bucket that \
                maxDispatchesPerSecond refills. 1 to 10000. Default: a fifth of the rate, rounded up, but at least \
                10 and at most 500. Set 1 for an even stream. Example: 10.""") @Min(1) @Max(10_000) @Nullable Integer maxBurstSize,

        @JsonPropertyDescription("""
                How many requests of this queue are open at the same time, at most. 1 to 5000. Default 1000. Never \
                exceeded; what is due beyond it waits in order. Set 1 to run Tasks one after another. Example: 10.""") @Default("1000") @Min(1) @Max(5000) @Nullable Integer maxConcurrentDispatches) {}
