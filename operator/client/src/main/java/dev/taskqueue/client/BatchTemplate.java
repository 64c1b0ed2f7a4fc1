package dev.taskqueue.client;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the items of a batch have in common: the request, of which an item replaces parts. */
public final class BatchTemplate extends RequestBuilder<BatchTemplate> {
    private final Map<String, Object> fields = new LinkedHashMap<>();

    BatchTemplate() {}

    @Override
    BatchTemplate self() {
        return this;
    }

    /** How long the handler may take to answer each request; at least a second. */
    public BatchTemplate dispatchDeadline(Duration deadline) {
        fields.put("dispatchDeadline", Durations.text(deadline));
        return this;
    }

    /** As the API has it; empty if nothing was said. */
    Map<String, Object> fields() {
        return withRequest(new LinkedHashMap<>(fields));
    }
}
