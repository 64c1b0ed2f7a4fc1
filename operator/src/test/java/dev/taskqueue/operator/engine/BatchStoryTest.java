package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingBatch.batch;
import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.ItemAttempts;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Items of TaskBatches go through the lanes of their queues as Tasks do. */
class BatchStoryTest {
    private final Story story = new Story();

    @Test
    void everyItemIsSentOnce() {
        story.applySettings(queue("mail"));
        BatchFeed feed = story.offer(batch("b", "mail", 1000));
        story.at("10s");
        assertThat(story.sent()).hasSize(1000).doesNotHaveDuplicates();
        assertThat(story.items.ends()).hasSize(1000);
        assertThat(feed.inLane).isEmpty();
        assertThat(feed.unwritten).isEmpty();
    }

    @Test
    void theRateOfTheQueueHolds() {
        story.applySettings(queue("mail").rate(10, 1));
        story.offer(batch("b", "mail", 100));
        story.at("5s");
        assertThat(story.sent()).hasSize(51);
    }

    @Test
    void theSlotIsFreeAtTheAnswerAndNotAtTheCommit() {
        story.applySettings(queue("mail").concurrent(1));
        story.items.waits();
        story.offer(batch("b", "mail", 20));
        story.at("1s");
        assertThat(story.sent()).hasSize(20);
    }

    @Test
    void theConcurrencyOfTheQueueHolds() {
        story.applySettings(queue("mail").concurrent(3));
        story.barriers.takes("send *", _ -> Duration.ofSeconds(10));
        story.offer(batch("b", "mail", 20));
        story.at("1s");
        assertThat(story.openRequests("mail")).isEqualTo(3);
    }

    @Test
    void aRetryWaitsForTheCommitOfTheFailure() {
        story.applySettings(queue("mail").backoff("1s", "1s", 0));
        story.items.waits();
        story.worker.answers("b-0", Outcome.Answered.of(500));
        story.offer(batch("b", "mail", 1));
        story.at("10s");
        story.thenSent("b-0");
        story.items.commit();
        story.soon();
        story.thenSent("b-0");
        assertThat(story.items.ends()).containsExactly("0 Delivered");
    }

    @Test
    void anItemThatAPersonHasSentAgainWaitsForTheCommitOfItsFailure() {
        story.applySettings(queue("mail").attempts(1));
        story.items.waits();
        story.worker.answers("b-0", Outcome.Answered.of(500));
        BatchFeed feed = story.offer(batch("b", "mail", 1));
        story.at("1s");
        story.thenSent("b-0");
        story.engine.batches().add(feed, new BatchItems.Item(0, 0, ItemAttempts.NONE));
        story.at("2s");
        story.thenNothingSent();
        story.items.commit();
        story.at("3s");
        story.thenSent("b-0");
        story.items.commit();
        assertThat(story.engine.pools())
                .allSatisfy(pool -> assertThat(pool.used()).as(pool.name()).isZero());
    }

    @Test
    void outcomesThatTheApiServerRefusesCountAtTheQueueUntilOneIsWritten() {
        story.applySettings(queue("mail"));
        story.items.waits();
        BatchFeed feed = story.offer(batch("b", "mail", 5));
        story.at("1s");
        assertThat(story.stats("mail").tasks()).isZero();
        story.engine.batches().refused(feed);
        assertThat(story.stats("mail").waiting()).isEqualTo(Map.of(Obstacle.Reason.WriteRefused, 5));
        assertThat(story.stats("mail").queued()).isEqualTo(5);
        assertThat(story.engine.isBlocked(feed.queue())).isTrue();
        story.items.commit();
        assertThat(story.stats("mail").waiting()).isEmpty();
        assertThat(story.stats("mail").tasks()).isZero();
        assertThat(story.engine.isBlocked(feed.queue())).isFalse();
    }

    @Test
    void aBatchThatWasDeletedIsRefusedNoMore() {
        story.applySettings(queue("mail"));
        story.items.waits();
        BatchFeed feed = story.offer(batch("b", "mail", 5));
        story.at("1s");
        story.engine.batches().refused(feed);
        story.engine.batches().remove(feed);
        story.engine.batches().refused(feed);
        assertThat(story.stats("mail").waiting()).isEmpty();
    }

    @Test
    void theTimetableOfAnItemIsThatOfATask() {
        story.applySettings(queue("mail").attempts(4));
        story.worker.otherwise((_, _) -> Outcome.Answered.of(500));
        story.offer(batch("b", "mail", 1));
        story.at("1h");
        assertThat(story.timesOf("b-0")).containsExactly("0s", "10s", "30s", "1m10s");
        assertThat(story.items.ends()).containsExactly("0 RetriesExhausted");
    }

    @Test
    void itemsLeaveAtTheirOwnTimesAndNeverEarlier() {
        story.applySettings(queue("mail"));
        story.offer(batch("b", "mail", 3).due("5s", "1s", "3s"));
        story.at("10s");
        story.thenSent("b-1", "b-2", "b-0");
        assertThat(story.timesOf("b-0")).containsExactly("5s");
        assertThat(story.timesOf("b-1")).containsExactly("1s");
    }

    @Test
    void aTaskThatComesLaterStandsBehindAPartOfTheBatchOnly() {
        story.applySettings(queue("mail").rate(100, 1));
        story.offer(batch("b", "mail", 1000));
        story.at("1s");
        story.tasks("mail", "late");
        story.at("20s");
        int place = story.sent().indexOf("late");
        assertThat(place).isLessThan(101 + BatchFeeds.TURN_ITEMS + BatchFeeds.LOW);
    }

    @Test
    void twoBatchesOfASlowQueueTakeTurns() {
        story.applySettings(queue("mail").rate(100, 1));
        story.offer(batch("b", "mail", 1000));
        story.offer(batch("c", "mail", 1000));
        story.at("8s");
        assertThat(story.sent()).anyMatch(name -> name.startsWith("b-")).anyMatch(name -> name.startsWith("c-"));
    }

    @Test
    void aPausedQueueSendsNothing() {
        story.applySettings(queue("mail").paused());
        story.offer(batch("b", "mail", 10));
        story.at("10s");
        story.thenNothingSent();
        story.applySettings(queue("mail"));
        story.soon();
        assertThat(story.sent()).hasSize(10);
    }

    @Test
    void aHeldBatchStaysAndItsQueueGoesOn() {
        story.applySettings(queue("mail").rate(10, 1));
        BatchFeed feed = story.offer(batch("b", "mail", 100));
        story.at("1s");
        story.engine.batches().hold(feed, true);
        int sent = story.sent().size();
        story.tasks("mail", "other");
        story.at("20s");
        assertThat(story.sent()).hasSize(sent + 1);
        story.engine.batches().hold(feed, false);
        story.at("60s");
        assertThat(new HashSet<>(story.sent())).hasSize(101);
        assertThat(story.sent()).hasSize(101);
    }

    @Test
    void nothingOfAClosedBatchLeavesAndWhatIsInFlightEnds() {
        story.applySettings(queue("mail").concurrent(3));
        story.barriers.takes("send *", _ -> Duration.ofSeconds(10));
        BatchFeed feed = story.offer(batch("b", "mail", 20));
        story.at("1s");
        BitSet left = story.engine.batches().close(feed);
        assertThat(left.cardinality()).isEqualTo(17);
        story.at("60s");
        assertThat(story.sent()).hasSize(3);
        assertThat(story.items.ends()).hasSize(3);
    }

    @Test
    void noRetryOfAClosedBatchLeaves() {
        story.applySettings(queue("mail").backoff("1s", "1s", 0));
        story.items.waits();
        story.worker.otherwise((_, _) -> Outcome.Answered.of(500));
        BatchFeed feed = story.offer(batch("b", "mail", 1));
        story.at("10s");
        story.engine.batches().close(feed);
        story.items.commit();
        story.at("60s");
        story.thenSent("b-0");
    }

    @Test
    void aDeletedBatchGivesItsRoomBack() {
        var full = new Story(new EngineLimits(10_000, Long.MAX_VALUE, 1000, 20));
        full.applySettings(queue("mail"));
        full.items.waits();
        BatchFeed feed = full.offer(batch("b", "mail", 200));
        full.at("1s");
        int items = full.sent().size();
        full.engine.batches().remove(feed);
        full.offer(batch("c", "mail", 5));
        full.at("2s");
        assertThat(full.sent()).hasSize(items + 5);
    }

    @Test
    void aLaneThatHasAnItemForEachRoomLeftComesToRest() {
        var full = new Story(new EngineLimits(10_000, Long.MAX_VALUE, 1000, 20));
        full.applySettings(queue("mail").rate(1, 1));
        full.items.waits();
        full.offer(batch("b", "mail", 30));
        full.offer(batch("c", "mail", 30));
        full.at("60s");
        int sent = full.sent().size();
        full.items.commit();
        full.at("61s");
        assertThat(full.sent()).hasSizeGreaterThan(sent);
    }

    @Test
    void aBatchForWhichThereWasNoRoomEntersWhenTheOneBeforeItIsHeldOrRemoved() {
        var full = new Story(new EngineLimits(10_000, Long.MAX_VALUE, 1000, 20));
        full.applySettings(queue("mail").rate(0.1, 1));
        full.items.waits();
        BatchFeed held = full.offer(batch("b", "mail", 30));
        BatchFeed removed = full.offer(batch("c", "mail", 30));
        full.offer(batch("d", "mail", 30));
        full.at("1s");
        full.engine.batches().hold(held, true);
        full.at("12s");
        full.engine.batches().remove(removed);
        full.at("22s");
        full.thenSent("b-0", "c-0", "d-0");
    }

    @Test
    void aHeldBatchStaysAlsoIfItsObstacleGoes() {
        story.applySettings(queue("mail"));
        var gone = Story.subject(Obstacle.Kind.Service, "gone");
        var obstacle = new Obstacle(Obstacle.Reason.TargetNotFound, gone, "There is no Service gone.");
        var broken = new AtomicBoolean(true);
        story.worker.looksAt(name -> broken.get() ? obstacle : null);
        BatchFeed feed = story.offer(batch("b", "mail", 5));
        story.at("5s");
        story.engine.batches().hold(feed, true);
        broken.set(false);
        story.wake(gone);
        story.at("10s");
        story.thenNothingSent();
        story.engine.batches().hold(feed, false);
        story.at("20s");
        assertThat(story.sent()).hasSize(5).doesNotHaveDuplicates();
    }

    @Test
    void outcomesOfADeletedBatchAreDropped() {
        story.applySettings(queue("mail").concurrent(3));
        story.barriers.takes("send *", _ -> Duration.ofSeconds(10));
        BatchFeed feed = story.offer(batch("b", "mail", 20));
        story.at("1s");
        story.engine.batches().remove(feed);
        story.at("60s");
        assertThat(story.sent()).hasSize(3);
        assertThat(story.items.ends()).isEmpty();
    }

    @Test
    void aPersonSendsSomeItemsPastPauseAndTime() {
        story.applySettings(queue("mail").paused());
        BatchFeed feed = story.offer(batch("b", "mail", 10).due("1h"));
        story.at("10s");
        story.engine.batches().runNow(feed, BitSet.valueOf(new long[] {0b1000_0100}));
        story.soon();
        assertThat(story.sent()).containsExactlyInAnyOrder("b-2", "b-7");
    }

    @Test
    void aPersonMakesAllItemsDueWithinTheLimits() {
        story.applySettings(queue("mail").rate(1, 1));
        BatchFeed feed = story.offer(batch("b", "mail", 10).due("1h"));
        story.at("10s");
        story.engine.batches().makeDue(feed);
        story.at("13s");
        assertThat(story.sent()).hasSize(4);
    }

    @Test
    void itemsThatAreNotSentInTimeExpire() {
        story.applySettings(queue("mail").rate(1, 1));
        story.offer(batch("b", "mail", 400).expires("3500ms"));
        story.at("10s");
        assertThat(story.sent()).hasSize(4);
        assertThat(story.items.ends()).hasSize(400);
        assertThat(story.items.ends().stream().filter(end -> end.endsWith("Expired")))
                .hasSize(396);
    }

    @Test
    void itemsOfAPausedQueueExpire() {
        story.applySettings(queue("mail").paused());
        story.offer(batch("b", "mail", 400).expires("3500ms"));
        story.at("10s");
        assertThat(story.items.ends()).hasSize(400);
    }

    @Test
    void whileOutcomesOfItemsCannotBeWrittenTasksGoOn() {
        var full = new Story(new EngineLimits(10_000, Long.MAX_VALUE, 1000, 20));
        full.applySettings(queue("mail"));
        full.items.waits();
        full.offer(batch("b", "mail", 200));
        full.at("1s");
        int items = full.sent().size();
        assertThat(items).isLessThan(200);
        full.tasks("mail", "a");
        full.at("2s");
        assertThat(full.sent()).hasSize(items + 1).contains("a");
        for (int i = 0; i < 100; i++) {
            full.items.commit();
            full.at((3 + i) + "s");
        }
        assertThat(new HashSet<>(full.sent())).hasSize(201);
        assertThat(full.sent()).hasSize(201);
    }

    @Test
    void anItemThatAnEarlierProcessSentTakesASlotAndIsInterruptedThen() {
        story.applySettings(queue("mail").concurrent(1).backoff("1s", "1s", 0));
        story.offer(batch("b", "mail", 2).claimed(1, "30s"));
        story.at("29s");
        story.thenNothingSent();
        story.at("40s");
        story.thenSent("b-0", "b-1");
        assertThat(story.items.pages.getFirst().entry().history().dispatches()).isEqualTo(1);
    }

    @Test
    void noRetryFollowsWhereAnotherProcessHasWrittenWhatCameOfTheAttempt() {
        story.applySettings(queue("mail").backoff("1s", "1s", 0));
        story.items.waits();
        BatchFeed feed = story.offer(batch("b", "mail", 1).claimed(0, "30s"));
        story.at("40s");
        assertThat(story.items.pages).hasSize(1);
        story.engine.batches().discard(feed, Set.of(0));
        story.items.commit();
        story.at("60s");
        story.thenNothingSent();
    }

    @Test
    void anObstacleOfOneBatchDoesNotKeepTheOthers() {
        story.applySettings(queue("mail"));
        var gone = Story.subject(Obstacle.Kind.Service, "gone");
        var obstacle = new Obstacle(Obstacle.Reason.TargetNotFound, gone, "There is no Service gone.");
        var broken = new AtomicBoolean(true);
        story.worker.looksAt(name -> broken.get() && name.startsWith("b-") ? obstacle : null);
        BatchFeed feed = story.offer(batch("b", "mail", 500));
        story.offer(batch("c", "mail", 500));
        story.at("5s");
        assertThat(story.sent()).hasSize(500).allMatch(name -> name.startsWith("c-"));
        assertThat(story.engine.batches().snapshot(feed).obstacle()).isEqualTo(obstacle);
        broken.set(false);
        story.wake(gone);
        story.at("10s");
        assertThat(story.sent()).hasSize(1000).doesNotHaveDuplicates();
    }

    @Test
    void batchesWaitForTheirQueue() {
        BatchFeed feed = story.offer(batch("b", "mail", 5));
        story.at("1s");
        story.thenNothingSent();
        assertThat(story.engine.batches().snapshot(feed).obstacle())
                .extracting(Obstacle::reason)
                .isEqualTo(Obstacle.Reason.QueueNotFound);
        assertThat(story.engine.missingQueues().values()).containsExactly(5);
        story.applySettings(queue("mail"));
        story.soon();
        assertThat(story.sent()).hasSize(5);
    }

    @Test
    void theNumbersOfTheQueueCountItems() {
        story.applySettings(queue("mail").paused());
        story.offer(batch("b", "mail", 30).due("1h", "0s", "0s"));
        story.at("1s");
        QueueStats stats = story.engine.stats(queue("mail").id()).orElseThrow();
        assertThat(List.of(stats.scheduled(), stats.queued(), stats.tasks())).containsExactly(10, 20, 30);
    }

    @Test
    void aPurgeStopsABatchAndNamesIt() {
        story.applySettings(queue("mail").rate(10, 1));
        BatchFeed feed = story.offer(batch("b", "mail", 100));
        story.at("1s");
        int sent = story.sent().size();
        story.engine.purge(queue("mail").id(), StoryClocks.instant("1s"));
        story.at("5s");
        assertThat(story.sent()).hasSize(sent);
        assertThat(story.engine.batches().toBePurged(queue("mail").id())).containsExactly(feed);
        assertThat(story.engine.toBePurged(queue("mail").id())).isEmpty();
    }

    @Test
    void backoffsLastAsLongWhenTheClockIsSet() {
        story.applySettings(queue("mail").backoff("60s", "60s", 0));
        story.worker.answers("b-0", Outcome.Answered.of(500));
        story.offer(batch("b", "mail", 1));
        story.at("10s");
        story.clocks.step(Duration.ofHours(1));
        story.at("59s");
        story.thenSent("b-0");
        story.at("70s");
        story.thenSent("b-0");
    }

    @Test
    void aBackoffWhoseFailureIsWrittenAfterTheClockWasSetLastsAsLong() {
        story.applySettings(queue("mail").backoff("60s", "60s", 0));
        story.items.waits();
        story.worker.answers("b-0", Outcome.Answered.of(500));
        story.offer(batch("b", "mail", 1));
        story.at("10s");
        story.thenSent("b-0");
        story.clocks.step(Duration.ofHours(1));
        story.items.commit();
        story.at("59s");
        story.thenNothingSent();
        story.at("70s");
        story.thenSent("b-0");
    }
}
