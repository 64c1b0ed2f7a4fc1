package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** How long Tasks stay after their end, and how long they may take until their end. */
@Part
public record Retention(
        @JsonPropertyDescription("""
                How long a Task that Succeeded stays after its end. As long as it stays, its name is taken, and \
                creating it again is refused as AlreadyExists; after that nothing remembers the name. A duration \
                up to 8760h (a year). Default 1h. 0s deletes it at its end, so that kubectl wait may answer \
                NotFound. A Task may set its own ttlAfterFinished; without it, a Task that kubectl apply, Argo CD, \
                Flux or Helm keep is never removed. Example: 10m.""")
        @Default("1h")
        @DurationText
        @ValidationRule(value = Rules.AT_MOST_A_YEAR, message = "succeeded is at most 8760h; write a shorter one")
        @Nullable String succeeded,

        @JsonPropertyDescription("""
                How long a Task that Failed stays after its end, to be looked at and started again (annotation \
                taskqueue.dev/redrive). Its name stays taken for as long. A duration up to 8760h (a year). Default \
                168h (a week). 0s deletes it at its end. Example: 720h.""")
        @Default("168h")
        @DurationText
        @ValidationRule(value = Rules.AT_MOST_A_YEAR, message = "failed is at most 8760h; write a shorter one")
        @Nullable String failed,

        @JsonPropertyDescription("""
                How many Tasks of this queue that Succeeded stay, at most; beyond it the oldest go before their \
                time, and their names are free again earlier. The cluster's storage is finite. 0 to 1000000. \
                Default 10000. Example: 1000.""") @Default("10000") @Min(0) @Max(1_000_000) @Nullable Integer maxSucceeded,

        @JsonPropertyDescription("""
                How many Tasks of this queue that Failed stay, at most; beyond it the oldest go before their time \
                and can no longer be redriven. 0 to 1000000. Default 10000. Example: 1000.""") @Default("10000") @Min(0) @Max(1_000_000) @Nullable Integer maxFailed,

        @JsonPropertyDescription("""
                How long a Task may take to end, counted from when it is first due, or from its last redrive; then it \
                is Failed, reason Expired, whether it waited in a paused queue or was retried. A duration above 0s, up to 8760h (a year). Default 744h \
                (31 days). Example: 24h.""")
        @Default("744h")
        @DurationText
        @ValidationRule(value = Rules.AT_MOST_A_YEAR, message = "unfinished is at most 8760h; write a shorter one")
        @ValidationRule(
                value = Rules.LONGER_THAN_0,
                message = "unfinished must be longer than 0s, or no Task would ever be sent")
        @Nullable String unfinished) {}
