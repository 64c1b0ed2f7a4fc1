package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The status of a TaskQueue; the operator writes it. */
@Part
public record TaskQueueStatus(
        @JsonPropertyDescription("""
                The metadata.generation of the spec that is in force; where it is older than metadata.generation, \
                the last change was not looked at yet. Example: 3.""") @Min(0) @Max(9007199254740991L) @Nullable Long observedGeneration,

        @JsonPropertyDescription("""
                Conditions by type, at most 16: Ready (the settings are in force; False with the reason \
                DeadLetterChain or InvalidSpec), Paused (reason SpecPaused or Held), Throttled \
                (overload slows the queue down), Blocked (Tasks wait for something that somebody must mend), \
                Stalled (only an edit can help). Example: type Ready, status \
                "True".""") @Size(max = 16) @Nullable List<Condition> conditions,

        @JsonPropertyDescription("""
                Running; Paused by spec.state; Held by the annotation taskqueue.dev/hold; Invalid where the spec \
                cannot be used, which condition Ready explains. Example: Running.""") @Nullable QueueState state,

        @JsonPropertyDescription("""
                Why, in a few words: Ready; SpecPaused; Held with the words of the annotation taskqueue.dev/hold; \
                Overloaded where the workers are, so that the queue is slowed down; or why condition Ready is False. \
                Example: Held: Anna, moving the database, until 2026-11-21T18:00:00Z.""") @Size(max = 256) @Nullable String reason,

        @JsonPropertyDescription("""
                How far the last purge has come; absent where spec.purgeBefore was never set. Example: {remaining: \
                120}.""") @Nullable Purge purge,

        @JsonPropertyDescription("""
                How far the last redrive of the whole queue has come; absent where there was none. Example: \
                {value: after-fix-1, remaining: 12}.""") @Nullable Redrive redrive,

        @JsonPropertyDescription("""
                Counts of the queue's Tasks, at most every 10 s and only when they changed. Example: {tasks: 42, \
                dispatching: 2}.""") @Nullable Stats stats) {}
