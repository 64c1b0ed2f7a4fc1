package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts of a queue, a few seconds old at most times. */
@Part
public record Stats(
        @JsonPropertyDescription("""
                Tasks that have not ended: scheduled, queued, dispatching and backing off together. Written at \
                most every 10 s, as all of these. Example: 42.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer tasks,

        @JsonPropertyDescription("""
                Tasks whose first time has not come. Example: 30.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer scheduled,

        @JsonPropertyDescription("""
                Tasks that are due and wait for their turn, the rate, the concurrency, the pause or what \
                stats.waiting names. Example: 5.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer queued,

        @JsonPropertyDescription("""
                Tasks whose request is in flight. Example: 2.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer dispatching,

        @JsonPropertyDescription("""
                Tasks that have failed at least once and wait for their next attempt. Example: 5.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer backingOff,

        @JsonPropertyDescription("""
                Failed Tasks that are still kept and can be started again. Example: 0.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer failedRetained,

        @JsonPropertyDescription("""
                Since when the oldest of the Tasks that are due now has been due, RFC 3339; far in the past means \
                that the queue lags. Absent where none is due. Example: 2026-11-20T08:00:05Z.""") @TimeText @Nullable String oldestDueTime,

        @JsonPropertyDescription("""
                Attempts that ended within the last 60 s, whatever their outcome. Example: 120.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer executedLastMinute,

        @JsonPropertyDescription("""
                The rate in force, in dispatches a second, as a quantity; below \
                spec.rateLimits.maxDispatchesPerSecond while overload slows the queue down. Example: "25".""") @Nullable Quantity enforcedDispatchesPerSecond,

        @JsonPropertyDescription("""
                Unfinished Tasks by what keeps them from being sent, apart from time and turn: reason to count, at \
                most 32 reasons. Absent where nothing does. Example: {NoReadyEndpoint: 3}.""") @Size(max = 32) @Nullable Map<String, @Min(0) @Max(Integer.MAX_VALUE) Integer> waiting,

        @JsonPropertyDescription("""
                Unfinished Tasks that wait for something that somebody must mend, such as a Service that does not \
                exist; condition Blocked names the commonest reason. Example: 7.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer blocked,

        @JsonPropertyDescription("""
                When the scheduled Tasks and those that back off are due: the beginning of an hour, UTC, to the number \
                of Tasks that are due in it; the first 25 hours in which any is due. Absent where none is. As of the \
                last write of stats: it is written together with the other numbers, and a change of it alone is not. \
                Example: {"2026-11-29T03:00Z": 120}.""") @Size(max = 25) @Nullable Map<String, @Min(0) @Max(Integer.MAX_VALUE) Integer> dueByHour,

        @JsonPropertyDescription("""
                Tasks that are due after the hours of stats.dueByHour. Example: 0.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer dueLater,

        @JsonPropertyDescription("""
                Succeeded Tasks that are still kept, so their names are taken. As of the last write of stats, as \
                stats.dueByHour: that Tasks are deleted when their retention is over causes no write. \
                Example: 9000.""") @Min(0) @Max(Integer.MAX_VALUE) @Nullable Integer succeededRetained) {}
