package dev.taskqueue.operator.cache;

import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.task.DeadLetterDraft;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What only few Tasks have at a time; a {@link TaskRecord} without any of it has no such object. The record's monitor guards it.
 *
 * @param <R> the record, which this file does not know
 */
final class RecordAttachments<R extends RetainedObject> {
    /** {@code spec.ttlAfterFinished}. */
    @Nullable Duration ttl;

    /** The spec, from the time the Task was seen until its request is prepared. */
    SpecCache.@Nullable CachedSpec spec;

    /** The request in flight, if status is to show it. */
    @Nullable RequestSummary sentRequest;

    /** The request that has just failed, as a dead letter would repeat it. */
    @Nullable DeadLetterDraft deadLetterDraft;

    /** The Task's place among the finished Tasks. */
    @Nullable RetainedPlace<R> retained;

    boolean isEmpty() {
        return ttl == null && spec == null && sentRequest == null && deadLetterDraft == null && retained == null;
    }
}
