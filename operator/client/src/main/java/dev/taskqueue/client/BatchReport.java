package dev.taskqueue.client;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The Task that the operator creates when every item of a batch has ended. Without a body it gets a summary as JSON: batch, state, reason, total,
 * succeeded, failed, skipped, failedIndexes and more.
 */
public final class BatchReport extends RequestBuilder<BatchReport> {
    private final Map<String, Object> fields = new LinkedHashMap<>();

    BatchReport() {}

    /** At which end of the batch the Task is created. */
    public enum When {
        /** However it ended. */
        ALWAYS("Always"),
        /** Every item has succeeded. */
        SUCCEEDED("Succeeded"),
        /** An item has failed or was skipped. */
        FAILED("Failed");

        private final String text;

        When(String text) {
            this.text = text;
        }
    }

    @Override
    BatchReport self() {
        return this;
    }

    /** Without it: at every end. */
    public BatchReport when(When when) {
        fields.put("when", when.text);
        return this;
    }

    /** The TaskQueue of that Task, in the same namespace. Without it: the batch's. */
    public BatchReport queue(String queue) {
        fields.put("queueRef", Map.of("name", queue));
        return this;
    }

    /** How long the handler may take to answer; at least a second. */
    public BatchReport dispatchDeadline(Duration deadline) {
        fields.put("dispatchDeadline", Durations.text(deadline));
        return this;
    }

    /** As the API has it. */
    Map<String, Object> fields() {
        return withRequest(new LinkedHashMap<>(fields));
    }
}
