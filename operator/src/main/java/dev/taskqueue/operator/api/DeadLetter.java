package dev.taskqueue.operator.api;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** The queue that gets the dead letters of another queue. */
@Part
public record DeadLetter(
        @JsonPropertyDescription("""
                The TaskQueue, in the same namespace, in which each Task that fails for good is created once more \
                with the request as it was last sent; its own message then names that Task. Not for the reason \
                InvalidSpec. Where the queue does not exist, those Tasks wait for it. It must be another queue and \
                must have no deadLetter itself, else this queue is Ready=False, reason DeadLetterChain. Example: \
                {name: orders-failed}.""") @Required @Nullable QueueRef queueRef) {}
