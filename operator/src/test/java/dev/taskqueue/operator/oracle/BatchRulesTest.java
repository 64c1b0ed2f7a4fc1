package dev.taskqueue.operator.oracle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch of three items in a queue that tries twice, a second apart, and passes failed ones on. */
class BatchRulesTest {
    private static final Instant START = Instant.parse("2026-11-20T08:00:00Z");
    private static final String SPEC =
            "{queueRef: {name: 'q'}, count: 3, delay: '2s', maxFailed: 1, onFinished: {}, template: {dispatchDeadline: '5s'}}";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES, JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .build();

    private final Oracle oracle = new Oracle(OracleSettings.simulation(
                    Duration.ofSeconds(9), Duration.ofSeconds(30), Duration.ofMillis(200), Duration.ofMillis(500))
            .withLeaseName(""));
    private int revision;
    private String uid = "batch";

    BatchRulesTest() {
        start("a");
        stored("people", Fact.Change.Created, "TaskQueue", 0, """
                {metadata: {namespace: 'shop', name: 'q', uid: 'queue', generation: 1, creationTimestamp: '2026-11-20T08:00:00Z'},
                 spec: {retry: {maxAttempts: 2, minBackoff: '1s', maxBackoff: '1s'}, deadLetter: {queueRef: {name: 'dead'}}}}
                """);
        stored("people", Fact.Change.Created, "TaskBatch", 0, batch("{}"));
    }

    private static ObjectNode json(String text) {
        try {
            return (ObjectNode) JSON.readTree(text);
        } catch (JsonProcessingException wrong) {
            throw new IllegalArgumentException(text, wrong);
        }
    }

    private void start(String process) {
        oracle.observe(new Fact.Started(START, process));
    }

    private static String batch(String status) {
        return """
                {metadata: {namespace: 'shop', name: 'b', uid: 'batch', creationTimestamp: '2026-11-20T08:00:00Z'},
                 spec: %s, status: %s}
                """.formatted(SPEC, status);
    }

    private void stored(String by, Fact.Change change, String kind, double at, String json) {
        oracle.observe(new Fact.Stored(time(at), by, change, kind, json(json)));
    }

    private static Instant time(double seconds) {
        return START.plusNanos((long) (seconds * 1e9));
    }

    private void received(double at, String by, int id, int index, int attempt) {
        received(at, by, id, index, attempt, "/", "");
    }

    private void received(double at, String by, int id, int index, int attempt, String path, String body) {
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
                "taskqueue-namespace",
                "shop");
        byte[] bytes = body.getBytes(UTF_8);
        oracle.observe(new Fact.Received(
                time(at), by, time(at), id, "POST", path, headers, bytes.length, Arrays.hashCode(bytes)));
    }

    private void answered(double at, int id, int code) {
        oracle.observe(new Fact.Answered(time(at), id, code, Duration.ZERO));
    }

    /** A process stores a status with these further fields. */
    private void told(double at, String by, String fields) {
        ObjectNode status = json("{" + fields + "}");
        status.put("revision", ++revision).put("startTime", "2026-11-20T08:00:00Z");
        ObjectNode counts = status.putObject("counts");
        for (String ended : List.of("succeeded", "failed", "skipped")) {
            JsonNode ranges = status.path(ended);
            counts.put(ended, BatchModel.ranges(ranges.asText()).cardinality());
        }
        stored(by, Fact.Change.Changed, "TaskBatch", at, batch(status.toString()));
    }

    private List<String> broken() {
        return oracle.end(time(30)).stream().map(Violation::rule).distinct().toList();
    }

    /** The first attempt of item 0 has failed, and status says so. */
    private void failedOnce() {
        received(2.1, "a", 1, 0, 1);
        answered(2.2, 1, 503);
        told(2.3, "a", "retries: {'0': '0:1/1/0@2+3200!503'}");
    }

    @Test
    void anItemThatIsTriedAgainAfterItsBackoffBreaksNoRule() {
        failedOnce();
        received(3.3, "a", 2, 0, 2);
        assertThat(broken()).isEmpty();
    }

    @Test
    void anItemIsNotSentBeforeItsTime() {
        received(1.9, "a", 1, 0, 1);
        assertThat(broken()).containsExactly("ItemEarly");
    }

    @Test
    void aRetryWaitsForTheWriteOfTheFailure() {
        received(2.1, "a", 1, 0, 1);
        answered(2.2, 1, 503);
        received(3.3, "a", 2, 0, 2);
        assertThat(broken()).containsExactly("ItemNotRecorded");
    }

    @Test
    void aRetryWaitsForItsBackoff() {
        failedOnce();
        received(3.0, "a", 2, 0, 2);
        assertThat(broken()).containsExactly("ItemRetriedEarly");
    }

    @Test
    void anAttemptThatStatusTellsIsNotSentAgain() {
        failedOnce();
        received(3.3, "a", 2, 0, 1);
        assertThat(broken()).containsExactly("RecordedItemSent", "ItemAttemptTwice");
    }

    @Test
    void theLastAttemptEndsAnItem() {
        failedOnce();
        received(3.3, "a", 2, 0, 2);
        answered(3.4, 2, 503);
        told(3.5, "a", "retries: {'0': '0:2/2/0@2+9000!503'}");
        assertThat(broken()).containsExactly("ItemNotGivenUp");
    }

    @Test
    void anItemIsNotGivenUpBeforeItsLastAttempt() {
        received(2.1, "a", 1, 0, 1);
        answered(2.2, 1, 503);
        told(2.3, "a", "failed: '0', retries: {'0': '0!503R~1'}, deadLetters: {open: '0'}");
        assertThat(broken()).containsExactly("ItemGivenUpEarly");
    }

    @Test
    void statusCountsEachAttemptOnce() {
        received(2.1, "a", 1, 0, 1);
        answered(2.2, 1, 503);
        told(2.3, "a", "retries: {'0': '0:2/2/0@2+3200!503'}");
        assertThat(broken()).contains("ItemCountSkipped");
    }

    @Test
    void aClaimOfAFormerLeaderEndsInStatusFirst() {
        received(2.1, "a", 1, 0, 1);
        told(3.2, "a", "claims: [{indexes: '0', dispatchTime: '2026-11-20T08:00:02Z', holder: 'a'}]");
        oracle.observe(new Fact.Ended(time(4), "a", Fact.End.Crashed));
        oracle.observe(new Fact.Started(time(5), "b"));
        received(9, "b", 2, 0, 1);
        assertThat(broken()).containsExactly("ItemClaimIgnored");
    }

    @Test
    void nothingLeavesAfterTooManyHaveFailed() {
        received(2.1, "a", 1, 0, 1);
        received(2.1, "a", 2, 1, 1);
        answered(2.2, 1, 404);
        answered(2.2, 2, 404);
        told(2.3, "a", "failed: '0-1', retries: {'0': '0!404N~1 1!404N~1'}, deadLetters: {open: '0-1'}");
        received(4, "a", 3, 2, 1);
        assertThat(broken()).containsExactly("ItemAfterTooMany");
    }

    @Test
    void nothingIsSkippedUnasked() {
        told(2.3, "a", "skipped: '2'");
        assertThat(broken()).containsExactly("ItemSkippedWithoutReason");
    }

    @Test
    void aRoundBeginsOnceForEachValue() {
        told(2.3, "a", "round: {number: 2}");
        assertThat(broken()).containsExactly("BatchRedriveUnasked");
    }

    @Test
    void anItemDoesNotExpireUnasked() {
        told(2.3, "a", "failed: '0', retries: {'0': '0!0E~0'}, deadLetters: {open: '0'}");
        assertThat(broken()).containsExactly("ItemExpiredEarly");
    }

    private void linesAreCreated() {
        String lines = """
                {"path": "/1", "body": {"order":  1}}

                {"body": "two"}
                {"key": "o-3", "body": 30, "delay": "2s"}
                """;
        ObjectNode batch = json(batch("{}"));
        ObjectNode metadata = (ObjectNode) batch.path("metadata");
        metadata.put("uid", "lines");
        ((ObjectNode) batch.path("spec")).put("lines", lines).remove("count");
        stored("people", Fact.Change.Created, "TaskBatch", 0, batch.toString());
    }

    @Test
    void anItemIsSentWithItsOwnPathAndTheBytesOfItsLine() {
        linesAreCreated();
        uid = "lines";
        received(2.1, "a", 1, 0, 1, "/1", "{\"order\":  1}");
        received(2.1, "a", 2, 1, 1, "/", "two");
        received(2.1, "a", 3, 2, 1, "/", "30");
        assertThat(broken()).isEmpty();
    }

    @Test
    void anItemIsNotSentWithThePathOrTheBodyOfAnother() {
        linesAreCreated();
        uid = "lines";
        received(2.1, "a", 1, 0, 1, "/", "{\"order\":  1}");
        assertThat(broken()).containsExactly("ItemRequestWrong");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"order\":1}", "{\"order\":  2}", ""})
    void anItemIsNotSentWithAnotherBody(String body) {
        linesAreCreated();
        uid = "lines";
        received(2.1, "a", 1, 0, 1, "/1", body);
        assertThat(broken()).containsExactly("ItemRequestWrong");
    }

    private void letter(String line) {
        received(2.1, "a", 1, 0, 1);
        answered(2.2, 1, 404);
        told(2.3, "a", "failed: '0', retries: {'0': '0!404N~1'}, deadLetters: {open: '0'}");
        ObjectNode letters = json(batch("{}"));
        ObjectNode metadata = (ObjectNode) letters.path("metadata");
        metadata.put("uid", "letters").put("name", "b-dl-1");
        metadata.putObject("annotations").put("taskqueue.dev/batch-uid", "batch");
        ((ObjectNode) letters.path("spec")).put("lines", line).remove("count");
        stored("a", Fact.Change.Created, "TaskBatch", 2.4, letters.toString());
    }

    @Test
    void aDeadLetterHasWhatItsItemHad() {
        letter("{\"deadLetterOf\": {\"task\": \"b\", \"index\": 0}}");
        assertThat(broken()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"path\": \"/other\"", "\"key\": \"k\"", "\"body\": 5", "\"headers\": {\"X-A\": \"b\"}"})
    void aDeadLetterHasNothingElse(String field) {
        letter("{" + field + ", \"deadLetterOf\": {\"task\": \"b\", \"index\": 0}}");
        assertThat(broken()).containsExactly("ItemLetterWrong");
    }
}
