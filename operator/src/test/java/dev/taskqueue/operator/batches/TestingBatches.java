package dev.taskqueue.operator.batches;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.testing.TestingTasks;

/** TaskBatches as an API server returns them. */
final class TestingBatches {
    static final String UID = "5f0c6c1e-0d8d-4b0e-9c55-6c1f0a2b7d11";

    private TestingBatches() {}

    /**
     * A batch of queue orders that was created at 8 o'clock.
     *
     * @param spec further fields of its spec
     */
    static JsonNode json(String name, String spec) {
        return TestingTasks.json("""
                {apiVersion: 'taskqueue.dev/v1beta1', kind: 'TaskBatch',
                 metadata: {namespace: 'shop', name: '%s', uid: '%s',
                            resourceVersion: '7', creationTimestamp: '2026-11-20T08:00:00Z'},
                 spec: {queueRef: {name: 'orders'}, %s}}""".formatted(name, UID, spec));
    }
}
