package dev.taskqueue.operator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.BatchId;
import dev.taskqueue.operator.domain.DeliveryKey;
import dev.taskqueue.operator.domain.ItemId;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.RetryPolicy;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.AttemptContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DeliveryHeadersTest {
    private static final String UID = "0f2c8a54-1b1e-4b0e-9d3c-6a1f4f0e7b21";
    private static final Instant SCHEDULED = Instant.ofEpochSecond(1763715600, 123_456_789);
    private static final Instant DISPATCHED = Instant.parse("2025-11-21T09:00:01.5004Z");
    private static final Set<CompatibilityHeaders> CLOUD_TASKS = Set.of(CompatibilityHeaders.CloudTasks);

    private final DeliveryHeaders delivery = new DeliveryHeaders("1.2.3");

    @Test
    void theFirstAttemptOfATask() {
        assertThat(of(AttemptHistory.NONE, CLOUD_TASKS))
                .containsOnly(
                        entry("User-Agent", "Google-Cloud-Tasks"),
                        entry("Idempotency-Key", UID),
                        entry("traceparent", of(AttemptHistory.NONE, Set.of()).get("traceparent")),
                        entry("TaskQueue-Namespace", "shop"),
                        entry("TaskQueue-Attempt", "1"),
                        entry("TaskQueue-Max-Attempts", "3"),
                        entry("TaskQueue-Deadline", "2025-11-21T09:02:01.500Z"),
                        entry("X-CloudTasks-QueueName", "orders"),
                        entry("X-CloudTasks-TaskName", "order_4711"),
                        entry("X-CloudTasks-TaskRetryCount", "0"),
                        entry("X-CloudTasks-TaskExecutionCount", "0"),
                        entry("X-CloudTasks-TaskETA", "1763715600.123456"));
    }

    @Test
    void withoutAFamilyOnlyOurOwnAreSent() {
        assertThat(of(AttemptHistory.NONE, Set.of()).keySet()).noneMatch(name -> name.startsWith("X-"));
    }

    @Test
    void theTwoFamiliesCountDifferently() {
        AttemptHistory before = after(
                Outcome.Answered.of(404),
                Outcome.Answered.of(500),
                new Outcome.Unanswered(AttemptReason.ConnectionRefused, ""),
                Outcome.Answered.of(503));
        assertThat(of(before, EnumSet.allOf(CompatibilityHeaders.class)))
                .contains(
                        entry("X-CloudTasks-TaskRetryCount", "4"),
                        entry("X-CloudTasks-TaskExecutionCount", "1"),
                        entry("X-CloudTasks-TaskPreviousResponse", "503"),
                        entry("X-CloudTasks-TaskRetryReason", ""),
                        entry("X-AppEngine-QueueName", "orders"),
                        entry("X-AppEngine-TaskName", "order_4711"),
                        entry("X-AppEngine-TaskRetryCount", "4"),
                        entry("X-AppEngine-TaskExecutionCount", "3"),
                        entry("X-AppEngine-TaskETA", "1763715600.123456"),
                        entry("X-AppEngine-TaskPreviousResponse", "503"),
                        entry("X-AppEngine-TaskRetryReason", "App Error"));
    }

    /** As it was recorded from the real service, for each family: the last outcome, the code that is sent, and the reason. */
    @ParameterizedTest
    @CsvSource({
        "CloudTasks, 404, 404, ''",
        "CloudTasks, 429, 429, ''",
        "CloudTasks, 500, 500, ''",
        "CloudTasks, 503, 503, ''",
        "CloudTasks, 304, 304, ''",
        "CloudTasks, DeadlineExceeded, 504, ''",
        "CloudTasks, ConnectionRefused,,",
        "CloudTasks, ConnectionClosed,,",
        "CloudTasks, ConnectFailed,,",
        "CloudTasks, TLSFailed,,",
        "CloudTasks, ResponseTooLarge,,",
        "CloudTasks, UnexpectedStatus,,",
        "CloudTasks, Interrupted,,",
        "AppEngine, 404, 404, App Error",
        "AppEngine, 429, 429, App Error",
        "AppEngine, 500, 500, App Error",
        "AppEngine, 503, 503, App Error",
        "AppEngine, DeadlineExceeded, 0, Instance Unavailable",
        "AppEngine, ConnectionRefused,,",
        "AppEngine, ConnectionClosed,,",
        "AppEngine, ConnectFailed,,",
        "AppEngine, TLSFailed,,",
        "AppEngine, ResponseTooLarge,,",
        "AppEngine, UnexpectedStatus,,",
        "AppEngine, Interrupted,,"
    })
    void aRetryNamesTheLastAnswerOrTimeoutAndNoOtherFailure(
            CompatibilityHeaders family, String last, @Nullable String response, @Nullable String reason) {
        Outcome outcome = Character.isDigit(last.charAt(0))
                ? Outcome.Answered.of(Integer.parseInt(last))
                : new Outcome.Unanswered(AttemptReason.valueOf(last), "");
        Map<String, String> headers = of(after(Outcome.Answered.of(500), outcome), Set.of(family));
        assertThat(headers.get(family.prefix() + "TaskPreviousResponse")).isEqualTo(response);
        assertThat(headers.get(family.prefix() + "TaskRetryReason")).isEqualTo(reason);
        assertThat(headers).containsEntry(family.prefix() + "TaskRetryCount", "2");
    }

    @Test
    void theUserAgentIsThatOfTheFamilyOrOurs() {
        assertThat(of(AttemptHistory.NONE, CLOUD_TASKS)).containsEntry("User-Agent", "Google-Cloud-Tasks");
        assertThat(of(AttemptHistory.NONE, Set.of(CompatibilityHeaders.AppEngine)))
                .containsEntry("User-Agent", "AppEngine-Google; (+http://code.google.com/appengine)");
        assertThat(of(AttemptHistory.NONE, EnumSet.allOf(CompatibilityHeaders.class)))
                .containsEntry("User-Agent", "Google-Cloud-Tasks");
        assertThat(of(AttemptHistory.NONE, Set.of())).containsEntry("User-Agent", "taskqueue-operator/1.2.3");
    }

    @Test
    void theLastAttemptIsAnnouncedWhereItIsCertain() {
        assertThat(of(after(Outcome.Answered.of(500)), CLOUD_TASKS)).doesNotContainKey("TaskQueue-Last-Attempt");
        assertThat(of(after(Outcome.Answered.of(500), Outcome.Answered.of(500)), CLOUD_TASKS))
                .contains(entry("TaskQueue-Attempt", "3"), entry("TaskQueue-Last-Attempt", "true"));
    }

    @Test
    void everyCountStartsAnewAfterARedrive() {
        AttemptHistory life = after(Outcome.Answered.of(404), Outcome.Answered.of(500));
        var redriven = new AttemptHistory(
                life.dispatches(), life.responses(), life.executions(), 2, 0, 0, 0, null, life.recent());
        var both = EnumSet.allOf(CompatibilityHeaders.class);
        assertThat(of(redriven, both))
                .contains(
                        entry("TaskQueue-Attempt", "1"),
                        entry("X-CloudTasks-TaskRetryCount", "0"),
                        entry("X-CloudTasks-TaskExecutionCount", "0"),
                        entry("X-AppEngine-TaskRetryCount", "0"),
                        entry("X-AppEngine-TaskExecutionCount", "0"))
                .doesNotContainKeys(
                        "X-CloudTasks-TaskPreviousResponse",
                        "X-CloudTasks-TaskRetryReason",
                        "X-AppEngine-TaskPreviousResponse",
                        "X-AppEngine-TaskRetryReason");
        assertThat(of(redriven.plus(SCHEDULED, SCHEDULED, SCHEDULED, Outcome.Answered.of(503)), both))
                .contains(
                        entry("TaskQueue-Attempt", "2"),
                        entry("X-CloudTasks-TaskRetryCount", "1"),
                        entry("X-CloudTasks-TaskExecutionCount", "0"),
                        entry("X-CloudTasks-TaskPreviousResponse", "503"),
                        entry("X-AppEngine-TaskExecutionCount", "1"));
    }

    @Test
    void unlimitedAttemptsAreMinusOne() {
        var attempt = attempt(UID, AttemptHistory.NONE, RetryPolicy.UNLIMITED);
        assertThat(delivery.of(attempt, Set.of(), "n", Map.of(), Duration.ofSeconds(1)))
                .containsEntry("TaskQueue-Max-Attempts", "-1");
    }

    @Test
    void aTaskIsOneTraceAndEachAttemptASpanOfIt() {
        String first = trace(UID, AttemptHistory.NONE);
        String second = trace(UID, after(Outcome.Answered.of(500)));
        assertThat(first).matches("00-0f2c8a541b1e4b0e9d3c6a1f4f0e7b21-[0-9a-f]{16}-01");
        assertThat(second).startsWith(first.substring(0, 36)).isNotEqualTo(first);
        assertThat(trace(UID, AttemptHistory.NONE)).isEqualTo(first);
    }

    @Test
    void anItemHasItsOwnKeyAndTrace() {
        var batch = new BatchId("shop", "invoices", UID);
        Map<String, String> first = of(new ItemId(batch, 1), AttemptHistory.NONE);
        assertThat(first).contains(entry("Idempotency-Key", UID + "-1"), entry("X-CloudTasks-TaskName", "order_4711"));
        String trace = first.getOrDefault("traceparent", "");
        assertThat(trace).matches("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01");
        assertThat(of(new ItemId(batch, 1), after(Outcome.Answered.of(500))).get("traceparent"))
                .startsWith(trace.substring(0, 36))
                .isNotEqualTo(trace);
        assertThat(of(new ItemId(batch, 2), AttemptHistory.NONE).get("traceparent"))
                .doesNotStartWith(trace.substring(0, 36));
    }

    @Test
    void theHeadersMayBeAddedTo() {
        Map<String, String> headers = of(AttemptHistory.NONE, CLOUD_TASKS);
        new BatchPlace("invoices", 0, 1000).addTo(headers);
        assertThat(headers)
                .contains(
                        entry("TaskQueue-Batch", "invoices"),
                        entry("TaskQueue-Batch-Index", "0"),
                        entry("TaskQueue-Batch-Size", "1000"),
                        entry("TaskQueue-Attempt", "1"));
    }

    @ParameterizedTest
    @CsvSource({"7", "00000000-0000-0000-0000-000000000000", "not-a-uuid"})
    void aUidOfAnotherFormStillGivesATrace(String uid) {
        assertThat(trace(uid, AttemptHistory.NONE)).matches("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01");
    }

    @Test
    void aUsersKeyTraceAndUserAgentWin() {
        var user = Map.of("idempotency-key", "mine", "Traceparent", "00-x", "user-agent", "curl", "X-Order", "1");
        var headers = delivery.of(attempt(UID, AttemptHistory.NONE, 3), CLOUD_TASKS, "n", user, Duration.ofSeconds(1));
        assertThat(headers.entrySet())
                .contains(
                        entry("idempotency-key", "mine"),
                        entry("Traceparent", "00-x"),
                        entry("user-agent", "curl"),
                        entry("X-Order", "1"));
        // The map itself ignores case.
        assertThat(List.copyOf(headers.keySet())).doesNotContain("Idempotency-Key", "traceparent", "User-Agent");
    }

    private String trace(String uid, AttemptHistory before) {
        return delivery.of(attempt(uid, before, 3), Set.of(), "n", Map.of(), Duration.ofSeconds(1))
                .getOrDefault("traceparent", "");
    }

    private Map<String, String> of(AttemptHistory before, Set<CompatibilityHeaders> families) {
        return delivery.of(attempt(UID, before, 3), families, "order_4711", Map.of(), Duration.ofMinutes(2));
    }

    private Map<String, String> of(ItemId item, AttemptHistory before) {
        AttemptContext attempt = attempt(item, before, 3);
        return delivery.of(attempt, CLOUD_TASKS, "order_4711", Map.of(), Duration.ofMinutes(2));
    }

    private static AttemptContext attempt(String uid, AttemptHistory before, int maxAttempts) {
        return attempt(new TaskId("shop", "order-4711", uid), before, maxAttempts);
    }

    private static AttemptContext attempt(DeliveryKey key, AttemptHistory before, int maxAttempts) {
        var retry = new RetryPolicy(
                maxAttempts,
                Duration.ZERO,
                RetryPolicy.GiveUp.WhenBoth,
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                3,
                0,
                Set.of());
        return new AttemptContext(key, new QueueId("shop", "orders"), SCHEDULED, DISPATCHED, null, before, retry);
    }

    private static AttemptHistory after(Outcome... outcomes) {
        return Arrays.stream(outcomes)
                .reduce(
                        AttemptHistory.NONE,
                        (progress, outcome) -> progress.plus(SCHEDULED, SCHEDULED, SCHEDULED, outcome),
                        (a, b) -> b);
    }
}
