package dev.taskqueue.operator.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.testing.TestingTasks;
import java.time.Duration;

/** Batches as an API server hands them out. */
final class TestingBatches {
    static final String UID = "5f0c6c1e-0d8d-4b0e-9c55-6c1f0a2b7d11";
    static final Duration MONTH = Duration.ofDays(30);

    private TestingBatches() {}

    /** A batch with this spec, in JSON that may have single quotation marks and names without any. */
    static ObjectNode batch(String spec) {
        ObjectNode batch = (ObjectNode) TestingTasks.json("""
                {apiVersion: 'taskqueue.dev/v1beta1', kind: 'TaskBatch',
                 metadata: {namespace: 'shop', name: 'invoices', uid: '%s', resourceVersion: '7',
                            creationTimestamp: '2026-11-20T08:00:00Z'}}""".formatted(UID));
        batch.set("spec", TestingTasks.json(spec));
        return batch;
    }

    /** A batch with these lines. */
    static ObjectNode lines(String lines) {
        ObjectNode batch = batch("{queueRef: {name: 'orders'}}");
        ((ObjectNode) batch.get("spec")).put("lines", lines);
        return batch;
    }

    static ItemList.Result read(JsonNode batch) {
        return ItemListReader.read(BatchReader.read(batch), batch.path("spec"), MONTH);
    }

    static ItemList items(JsonNode batch) {
        return switch (read(batch)) {
            case ItemList.Result.Read(ItemList items) -> items;
            case ItemList.Result.Invalid(String problem) -> throw new AssertionError(problem);
        };
    }

    /** Why the batch cannot be sent; empty if it can. */
    static String problem(JsonNode batch) {
        return read(batch) instanceof ItemList.Result.Invalid(String problem) ? problem : "";
    }
}
