package dev.taskqueue.operator.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.QueueStats;
import dev.taskqueue.operator.limits.SharedPool;
import dev.taskqueue.operator.testing.TestingAttempts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetersTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");
    private static final QueueId ORDERS = new QueueId("shop", "orders");
    private static final QueueId MAILS = new QueueId("shop", "mails");

    private final Map<QueueId, QueueStats> queues = new ConcurrentHashMap<>();
    private final Meters meters = new Meters("1.2.3", () -> NOW, 3);
    private final Map<QueueId, QueueFacts> facts = new ConcurrentHashMap<>();
    private boolean leader = true;

    private final SharedPool pool = new SharedPool("requests", 10, true);

    @BeforeEach
    void twoQueues() {
        meters.observe(() -> queues, facts::get, () -> leader);
        facts.put(ORDERS, new QueueFacts(5, 10, "Running", 4));
        facts.put(MAILS, new QueueFacts(500, 1000, "Held", 0));
        meters.observeNamespaces(() -> Map.of("shop", true, "closed", false));
        pool.take(ORDERS, 3);
        meters.observePools(List.of(pool));
        queues.put(ORDERS, stats(NOW.minusMillis(1500), 2.5, Map.of(Obstacle.Reason.NoReadyEndpoint, 2)));
        queues.put(MAILS, stats(null, 500));
    }

    @ParameterizedTest
    @CsvSource({
        "taskqueue_tasks, gauge",
        "taskqueue_oldest_due_age_seconds, gauge",
        "taskqueue_in_flight, gauge",
        "taskqueue_enforced_dispatches_per_second, gauge",
        "taskqueue_unwritten_outcomes, gauge",
        "taskqueue_waiting_tasks, gauge",
        "taskqueue_attempts_total, counter",
        "taskqueue_queue_state, gauge",
        "taskqueue_concurrency_limit, gauge",
        "taskqueue_rate_limit_per_second, gauge",
        "taskqueue_failed_retained, gauge",
        "taskqueue_created_total, counter",
        "taskqueue_dead_letters_total, counter",
        "taskqueue_tasks_finished_total, counter",
        "taskqueue_lateness_seconds, histogram",
        "taskqueue_attempt_duration_seconds, histogram",
        "taskqueue_leader, gauge",
        "taskqueue_namespace_served, gauge",
        "taskqueue_pool_used, gauge",
        "taskqueue_pool_capacity, gauge",
        "taskqueue_build_info, gauge"
    })
    void everyFixedNameHasHelp(String name, String type) {
        deliver(ORDERS);
        assertThat(scrape())
                .containsPattern("(?m)^# HELP " + name + " [A-Z1].*\\.$")
                .contains("# TYPE " + name + " " + type + "\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "taskqueue_tasks",
                "taskqueue_oldest_due_age_seconds",
                "taskqueue_waiting_tasks",
                "taskqueue_unwritten_outcomes",
                "taskqueue_tasks_finished_total"
            })
    void theHelpOfWhatCountsItemsNamesThem(String name) {
        deliver(ORDERS);
        assertThat(scrape()).containsPattern("(?m)^# HELP " + name + " .*\\bitems?\\b");
    }

    @Test
    void eachNamespaceOfTheSettingsIsServedOrNot() {
        assertThat(scrape())
                .contains(
                        "taskqueue_namespace_served{namespace=\"shop\"} 1.0\n",
                        "taskqueue_namespace_served{namespace=\"closed\"} 0.0\n");
    }

    @Test
    void aPoolIsShownAsItIsFull() {
        assertThat(scrape())
                .contains(
                        "taskqueue_pool_used{pool=\"requests\"} 3.0\n",
                        "taskqueue_pool_capacity{pool=\"requests\"} 10.0\n");
    }

    @Test
    void aQueueIsShownAsItStands() {
        assertThat(scrape())
                .contains(
                        "taskqueue_tasks{namespace=\"shop\",queue=\"orders\",state=\"Scheduled\"} 1.0\n",
                        "taskqueue_tasks{namespace=\"shop\",queue=\"orders\",state=\"Queued\"} 2.0\n",
                        "taskqueue_tasks{namespace=\"shop\",queue=\"orders\",state=\"Dispatching\"} 3.0\n",
                        "taskqueue_tasks{namespace=\"shop\",queue=\"orders\",state=\"BackingOff\"} 4.0\n",
                        "taskqueue_in_flight{namespace=\"shop\",queue=\"orders\"} 3.0\n",
                        "taskqueue_oldest_due_age_seconds{namespace=\"shop\",queue=\"orders\"} 1.5\n",
                        "taskqueue_oldest_due_age_seconds{namespace=\"shop\",queue=\"mails\"} 0.0\n",
                        "taskqueue_enforced_dispatches_per_second{namespace=\"shop\",queue=\"orders\"} 2.5\n");
    }

    @Test
    void limitsStateAndFailedTasksOfAQueueAreShown() {
        assertThat(scrape())
                .contains(
                        "taskqueue_rate_limit_per_second{namespace=\"shop\",queue=\"orders\"} 5.0\n",
                        "taskqueue_concurrency_limit{namespace=\"shop\",queue=\"orders\"} 10.0\n",
                        "taskqueue_failed_retained{namespace=\"shop\",queue=\"orders\"} 4.0\n",
                        "taskqueue_queue_state{namespace=\"shop\",queue=\"orders\",state=\"Running\"} 1.0\n",
                        "taskqueue_queue_state{namespace=\"shop\",queue=\"orders\",state=\"Held\"} 0.0\n",
                        "taskqueue_queue_state{namespace=\"shop\",queue=\"mails\",state=\"Held\"} 1.0\n");
    }

    @Test
    void queuesAboveTheBoundAreShownTogether() {
        QueueId third = new QueueId("shop", "third");
        queues.put(third, stats(null, 1));
        deliver(ORDERS);
        deliver(MAILS);
        deliver(third);
        for (String name : List.of("x", "y")) {
            QueueId more = new QueueId("more", name);
            queues.put(more, stats(NOW.minusSeconds(7), 2, Map.of(Obstacle.Reason.NoReadyEndpoint, 3)));
            facts.put(more, new QueueFacts(2, 6, "Paused", 1));
            deliver(more);
        }
        String other = "{namespace=\"_other\",queue=\"_other\"";
        assertThat(scrape())
                .doesNotContain("namespace=\"more\"")
                .contains(
                        "taskqueue_tasks" + other + ",state=\"BackingOff\"} 8.0\n",
                        "taskqueue_oldest_due_age_seconds" + other + "} 7.0\n",
                        "taskqueue_concurrency_limit" + other + "} 12.0\n",
                        "taskqueue_queue_state" + other + ",state=\"Paused\"} 2.0\n",
                        "taskqueue_failed_retained" + other + "} 2.0\n",
                        "taskqueue_waiting_tasks" + other + ",reason=\"NoReadyEndpoint\"} 6.0\n",
                        "taskqueue_lateness_seconds_count" + other + "} 2\n");
    }

    @Test
    void aQueueThatIsDeletedLeavesItsNameToAnother() {
        queues.put(new QueueId("shop", "third"), stats(null, 1));
        scrape();
        QueueId late = new QueueId("shop", "late");
        queues.put(late, stats(null, 1));
        assertThat(scrape()).doesNotContain("queue=\"late\"");
        queues.remove(MAILS);
        assertThat(scrape()).contains("taskqueue_in_flight{namespace=\"shop\",queue=\"late\"} 3.0\n");
    }

    @Test
    void createdTasksAndDeadLettersAreCounted() {
        meters.created(ORDERS, 1);
        meters.created(ORDERS, 50);
        meters.deadLettered(ORDERS, 2);
        assertThat(scrape())
                .contains(
                        "taskqueue_created_total{namespace=\"shop\",queue=\"orders\"} 51.0\n",
                        "taskqueue_dead_letters_total{namespace=\"shop\",queue=\"orders\"} 2.0\n");
    }

    @Test
    void waitingTasksAreShownByReason() {
        assertThat(scrape())
                .contains(
                        "taskqueue_waiting_tasks{namespace=\"shop\",queue=\"orders\",reason=\"NoReadyEndpoint\"} 2.0\n")
                .doesNotContain("taskqueue_waiting_tasks{namespace=\"shop\",queue=\"mails\"");
        queues.put(ORDERS, stats(null, 2.5));
        assertThat(scrape()).doesNotContain("taskqueue_waiting_tasks{namespace=\"shop\",queue=\"orders\"");
    }

    @Test
    void tasksOfAQueueThatDoesNotExistAreShownUnderItsName() {
        queues.put(new QueueId("shop", "order"), missing(3));
        assertThat(scrape())
                .contains("taskqueue_waiting_tasks{namespace=\"shop\",queue=\"order\",reason=\"QueueNotFound\"} 3.0\n")
                .doesNotContain("taskqueue_tasks{namespace=\"shop\",queue=\"order\"");
    }

    @Test
    void manyQueuesThatDoNotExistHaveABoundedNumberOfSeries() {
        for (int i = 0; i < 200; i++) {
            queues.put(new QueueId("shop", "typo" + i), missing(i < 10 ? 2 : 1));
        }
        String text = scrape();
        assertThat(text.lines().filter(line -> line.startsWith("taskqueue_waiting_tasks{") && line.contains("typo")))
                .hasSize(50);
        assertThat(text)
                .contains(
                        "taskqueue_waiting_tasks{namespace=\"shop\",queue=\"typo9\",reason=\"QueueNotFound\"} 2.0\n",
                        "taskqueue_waiting_tasks{namespace=\"(others)\",queue=\"(others)\",reason=\"QueueNotFound\"} 150.0\n");
    }

    @Test
    void aStandbyShowsNoStateOfTheQueues() {
        leader = false;
        assertThat(scrape())
                .contains("taskqueue_leader 0.0\n")
                .doesNotContain(
                        "taskqueue_tasks{",
                        "taskqueue_oldest",
                        "taskqueue_in_flight",
                        "taskqueue_waiting",
                        "taskqueue_unwritten",
                        "taskqueue_enforced");
    }

    @Test
    void whatIsDueInTheFutureHasNoAge() {
        queues.put(ORDERS, stats(NOW.plusSeconds(60), 1));
        assertThat(scrape()).contains("taskqueue_oldest_due_age_seconds{namespace=\"shop\",queue=\"orders\"} 0.0\n");
    }

    @Test
    void attemptsAndEndingsAreCountedByResult() {
        deliver(ORDERS);
        deliver(ORDERS);
        attempted(ORDERS, Outcome.Answered.of(503), Duration.ofMillis(2));
        attempted(
                ORDERS, new Outcome.Unanswered(AttemptReason.DeadlineExceeded, "No answer."), Duration.ofSeconds(700));
        assertThat(scrape())
                .contains(
                        "taskqueue_attempts_total{code=\"200\",namespace=\"shop\",queue=\"orders\",result=\"Delivered\"} 2.0\n",
                        "taskqueue_attempts_total{code=\"503\",namespace=\"shop\",queue=\"orders\",result=\"Unavailable\"} 1.0\n",
                        "taskqueue_attempts_total{code=\"\",namespace=\"shop\",queue=\"orders\",result=\"DeadlineExceeded\"} 1.0\n",
                        "taskqueue_tasks_finished_total{namespace=\"shop\",queue=\"orders\",result=\"Delivered\"} 2.0\n",
                        "taskqueue_attempt_duration_seconds_bucket{namespace=\"shop\",queue=\"orders\",le=\"0.0025\"} 1\n",
                        "taskqueue_attempt_duration_seconds_bucket{namespace=\"shop\",queue=\"orders\",le=\"600.0\"} 3\n",
                        "taskqueue_attempt_duration_seconds_count{namespace=\"shop\",queue=\"orders\"} 4\n",
                        "taskqueue_lateness_seconds_sum{namespace=\"shop\",queue=\"orders\"} 0.02\n");
    }

    @Test
    void aDeletedQueueLeavesNoSeriesBehind() {
        deliver(ORDERS);
        deliver(MAILS);
        queues.remove(ORDERS);
        meters.forget(ORDERS);
        assertThat(scrape()).doesNotContain("orders").contains("mails");
    }

    @Test
    void whatEndsAfterItsQueueWasDeletedBringsNothingBack() {
        deliver(ORDERS);
        queues.put(ORDERS, stats(null, 0)); // Tasks are left, but their queue is deleted
        meters.forget(ORDERS);
        deliver(ORDERS);
        assertThat(scrape()).doesNotContain("orders");
    }

    @Test
    void aQueueThatComesBackCountsFromZero() {
        deliver(ORDERS);
        meters.forget(ORDERS);
        deliver(ORDERS);
        assertThat(scrape())
                .contains(
                        "taskqueue_tasks_finished_total{namespace=\"shop\",queue=\"orders\",result=\"Delivered\"} 1.0\n",
                        "taskqueue_lateness_seconds_count{namespace=\"shop\",queue=\"orders\"} 1\n");
    }

    @Test
    void theProcessTellsItsVersionAndWhetherItLeads() {
        assertThat(scrape()).contains("taskqueue_build_info{version=\"1.2.3\"} 1\n", "taskqueue_leader 1.0\n");
        leader = false;
        assertThat(scrape()).contains("taskqueue_leader 0.0\n");
    }

    private void attempted(QueueId queue, Outcome outcome, Duration took) {
        meters.attempted(TestingAttempts.first(task(queue), queue, NOW), outcome, took, () -> null);
    }

    private static TaskId task(QueueId queue) {
        return new TaskId(queue.namespace(), "a", "uid");
    }

    private void deliver(QueueId queue) {
        meters.departed(queue, Duration.ofMillis(10));
        attempted(queue, Outcome.Answered.of(200), Duration.ofMillis(20));
        meters.finished(task(queue), queue, new Ending(Ending.Reason.Delivered, "The worker answered 200."));
    }

    private String scrape() {
        var out = new ByteArrayOutputStream();
        try {
            meters.write(out);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toString(UTF_8);
    }

    private static QueueStats stats(@Nullable Instant oldestDueAt, double enforced) {
        return stats(oldestDueAt, enforced, Map.of());
    }

    private static QueueStats stats(
            @Nullable Instant oldestDueAt, double enforced, Map<Obstacle.Reason, Integer> waiting) {
        return new QueueStats(1, 2, 3, 4, oldestDueAt, 0, enforced, waiting);
    }

    private static QueueStats missing(int tasks) {
        return new QueueStats(0, tasks, 0, 0, null, 0, 0, Map.of(Obstacle.Reason.QueueNotFound, tasks));
    }
}
