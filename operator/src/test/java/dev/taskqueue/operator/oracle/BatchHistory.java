package dev.taskqueue.operator.oracle;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A made-up run for tests of the rules for batches: one of three items, in a queue that tries twice, a second apart, and passes failed ones on. */
class BatchHistory {
    private static final Instant START = Instant.parse("2026-11-20T08:00:00Z");
    private static final String SPEC =
            "{queueRef: {name: 'q'}, count: 3, delay: '2s', maxFailed: 1, ttlAfterFinished: '3600s', onFinished: {}, template: {dispatchDeadline: '5s'}}";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES, JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .build();

    final Oracle oracle = new Oracle(OracleSettings.simulation(
                    Duration.ofSeconds(9), Duration.ofSeconds(30), Duration.ofMillis(200), Duration.ofMillis(500))
            .withLeaseName(""));
    private int revision;
    String uid = "batch";
    /** What the requests say. */
    String maxAttempts = "2";

    BatchHistory() {
        start("a");
        stored("people", Fact.Change.Created, "TaskQueue", 0, """
                {metadata: {namespace: 'shop', name: 'q', uid: 'queue', generation: 1, creationTimestamp: '2026-11-20T08:00:00Z'},
                 spec: {retry: {maxAttempts: 2, minBackoff: '1s', maxBackoff: '1s'}, deadLetter: {queueRef: {name: 'dead'}}}}
                """);
        stored("people", Fact.Change.Created, "TaskBatch", 0, batch("{}"));
    }

    static ObjectNode json(String text) {
        try {
            return (ObjectNode) JSON.readTree(text);
        } catch (JsonProcessingException wrong) {
            throw new IllegalArgumentException(text, wrong);
        }
    }

    void start(String process) {
        oracle.observe(new Fact.Started(START, process));
    }

    static String batch(String status) {
        return """
                {metadata: {namespace: 'shop', name: 'b', uid: 'batch', creationTimestamp: '2026-11-20T08:00:00Z'},
                 spec: %s, status: %s}
                """.formatted(SPEC, status);
    }

    void stored(String by, Fact.Change change, String kind, double at, String json) {
        stored(by, change, kind, at, at, json);
    }

    void stored(String by, Fact.Change change, String kind, double sent, double at, String json) {
        oracle.observe(new Fact.Stored(time(at), by, change, kind, json(json), time(sent)));
    }

    static Instant time(double seconds) {
        return START.plusNanos((long) (seconds * 1e9));
    }

    void received(double at, String by, int id, int index, int attempt) {
        received(at, by, id, index, attempt, "/", "");
    }

    void received(double at, String by, int id, int index, int attempt, String path, String body) {
        var headers = Map.of(
                "idempotency-key",
                uid + "-" + index,
                "taskqueue-attempt",
                Integer.toString(attempt),
                "taskqueue-batch",
                "b",
                "taskqueue-batch-index",
                Integer.toString(index),
                "taskqueue-batch-size",
                "3",
                "taskqueue-max-attempts",
                maxAttempts,
                "taskqueue-namespace",
                "shop");
        byte[] bytes = body.getBytes(UTF_8);
        oracle.observe(new Fact.Received(
                time(at), by, time(at), id, "POST", path, headers, bytes.length, Arrays.hashCode(bytes)));
    }

    void answered(double at, int id, int code) {
        oracle.observe(new Fact.Answered(time(at), id, code, Duration.ZERO));
    }

    /** A process stores a status with these further fields. */
    void told(double at, String by, String fields) {
        ObjectNode status = json("{" + fields + "}");
        status.put("revision", ++revision).put("startTime", "2026-11-20T08:00:00Z");
        ObjectNode counts = status.putObject("counts");
        int count = 0;
        for (String ended : List.of("succeeded", "failed", "skipped")) {
            JsonNode ranges = status.path(ended);
            counts.put(ended, BatchModel.ranges(ranges.asText()).cardinality());
            count += counts.path(ended).asInt();
        }
        if (!status.has("progress")) {
            status.put("progress", count + "/3");
        }
        status.putObject("failedByReason").put("Some", counts.path("failed").asInt());
        stored(by, Fact.Change.Changed, "TaskBatch", at, batch(status.toString()));
    }

    List<String> broken() {
        return oracle.end(time(30)).stream().map(Violation::rule).distinct().toList();
    }
}
