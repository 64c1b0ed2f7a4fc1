package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Limits that all queues share: open requests and unwritten outcomes. No queue uses all of them, and every queue gets some. */
class SharedLimiterStoryTest {

    @Test
    void aThousandHungRequestsOfOneQueueLeaveTheOthersAsFastAsBefore() {
        var story = new Story(new EngineLimits(2000, 1000));
        story.applySettings(queue("hung").rate(10_000, 500).concurrent(5000));
        story.applySettings(queue("mail").rate(100, 20));
        for (int i = 0; i < 1500; i++) {
            story.barriers.shut("send h" + i);
        }
        story.crowd("hung", "h", 1500);
        story.at("10s");
        assertThat(story.openRequests("hung")).isEqualTo(1000);
        story.worker.requests.clear();

        for (int i = 0; i < 1000; i++) {
            story.offer(task("m" + i, "mail").due("10s"));
        }
        story.at("20s");
        assertThat(story.sent()).allMatch(name -> name.startsWith("m")).hasSize(1000);
        assertThat(story.openRequests("hung")).isEqualTo(1000);
    }

    @Test
    void howeverManyQueuesHangAFurtherOneFindsRoom() {
        var story = new Story(new EngineLimits(64, 1000));
        story.barriers.shut("send *");
        for (int i = 0; i < 40; i++) {
            story.applySettings(queue("hung" + i));
            story.crowd("hung" + i, "h" + i + "-", 50);
            story.at(i + 1 + "s");
            assertThat(story.openRequests("hung" + i)).as("queue %d", i).isPositive();
        }
        assertThat(story.openRequests("hung0")).isEqualTo(32);
    }

    @Test
    void tooManyUnwrittenOutcomesStopTheirOwnQueueAloneAndOneWriteLetsItGoOn() {
        var story = new Story(new EngineLimits(100, 3));
        story.applySettings(queue("mail"));
        story.applySettings(queue("other"));
        story.barriers.shut("write *");
        story.tasks("mail", "a", "b", "c");
        story.soon();
        story.thenSent("a", "b", "c");
        story.tasks("mail", "d");
        story.tasks("other", "e");
        story.at("4s");
        story.thenSent("e");
        assertThat(story.engine.unfinishedAttempts()).isEqualTo(4);

        story.barriers.open("write *");
        story.soon();
        story.thenSent("d");
        assertThat(story.engine.unfinishedAttempts()).isZero();
    }

    @Test
    void outcomesThatAreNeverWrittenTakeHalfOfTheRoomAndHoldNoOtherQueueUp() {
        var story = new Story();
        story.applySettings(queue("refused").rate(10_000, 500).concurrent(1000));
        story.applySettings(queue("other").rate(100, 20));
        for (int i = 0; i < 1000; i++) {
            story.barriers.shut("write r" + i);
        }
        story.crowd("refused", "r", 1000);
        story.at("5s");
        assertThat(story.sent()).hasSize(500);
        story.worker.requests.clear();
        story.crowd("other", "o", 50);
        story.at("6s");
        assertThat(story.sent()).hasSize(50);
    }

    @Test
    void whoHoldsNothingAlwaysFindsRoom() {
        var story = new Story(new EngineLimits(4, 1));
        story.applySettings(queue("greedy"));
        story.applySettings(queue("mail"));
        story.applySettings(queue("other"));
        story.barriers.shut("send g0");
        story.barriers.shut("send g1");
        story.tasks("greedy", "g0", "g1", "g2");
        story.soon();
        story.thenSent("g0", "g1");
        story.barriers.shut("write last");
        story.tasks("mail", "last");
        story.soon();
        story.thenSent("last");
        story.tasks("other", "o");
        story.soon();
        story.thenSent("o");
    }

    @Test
    void aLaneBehindOneThatIsRefusedAgainIsAdmitted() {
        var story = new Story(new EngineLimits(100, 100, 100));
        story.applySettings(queue("large"));
        story.applySettings(queue("small"));
        story.applySettings(queue("mail"));
        story.worker.size("m", 40);
        story.worker.size("l0", 1);
        story.worker.size("l1", 90);
        story.worker.size("s0", 10);
        story.worker.size("s1", 45);
        story.barriers.shut("send *");
        story.tasks("mail", "m");
        story.tasks("large", "l0", "l1");
        story.tasks("small", "s0", "s1");
        story.soon();
        assertThat(story.sent()).containsExactlyInAnyOrder("m", "l0", "s0");
        story.worker.requests.clear();

        story.cancel("m");
        story.barriers.shut("send l0");
        story.barriers.shut("send s0");
        story.barriers.open("send *");
        story.soon();
        assertThat(story.sent()).contains("s1");
    }

    @Test
    void aLaneThatWasRefusedAndThenSlowedByItsRateGoesOnByItself() {
        var story = new Story(new EngineLimits(100, 1));
        TestingQueue mail = queue("mail").rate(0.4, 2);
        story.applySettings(mail);
        story.barriers.shut("write a");
        story.tasks("mail", "a");
        story.soon();
        story.tasks("mail", "b", "c", "d");
        story.soon();
        story.thenSent("a");
        story.barriers.open("write a");
        story.at("6s");
        assertThat(story.timesOf("c")).containsExactly("2s500ms");
        assertThat(story.timesOf("d")).containsExactly("5s");
    }

    @Test
    void largeRequestsTakeHalfOfTheMemoryAndLeaveRoomForOthers() {
        Story story = withLargeRequests();
        story.barriers.shut("send *");
        story.crowd("large", "l", 20);
        story.tasks("mail", "m");
        story.soon();
        assertThat(story.openRequests("large")).isEqualTo(5);
        assertThat(story.openRequests("mail")).isEqualTo(1);
        story.barriers.open("send *");
        story.soon();
        assertThat(story.sent()).hasSize(21);
    }

    @Test
    void theMemoryOfARequestIsFreeOnceItsOutcomeIsWritten() {
        Story story = withLargeRequests();
        story.barriers.shut("write *");
        story.crowd("large", "l", 20);
        story.soon();
        assertThat(story.sent()).hasSize(5);
        story.barriers.open("write *");
        story.soon();
        assertThat(story.sent()).hasSize(20);
        thenAllMemoryIsFree(story);
    }

    @Test
    void aRequestThatIsTurnedBackGivesItsMemoryBack() {
        Story story = withLargeRequests();
        for (int i = 0; i < 5; i++) {
            String task = "l" + i;
            story.worker.beforeSending(task, () -> story.cancel(task));
        }
        story.crowd("large", "l", 20);
        story.soon();
        assertThat(story.sent()).hasSize(15);
        thenAllMemoryIsFree(story);
    }

    /** As many requests are open at once as at the beginning. */
    private static void thenAllMemoryIsFree(Story story) {
        assertThat(story.engine.unfinishedAttempts()).isZero();
        story.barriers.shut("send *");
        for (int i = 0; i < 20; i++) {
            story.worker.size("again" + i, 100);
        }
        story.crowd("large", "again", 20);
        story.soon();
        assertThat(story.openRequests("large")).isEqualTo(5);
    }

    @Test
    void aRequestLargerThanAllMemoryStillLeavesWhereItsQueueHasNoOther() {
        var story = new Story(new EngineLimits(100, 10, 100));
        story.applySettings(queue("large"));
        story.worker.size("a", 1000);
        story.worker.size("b", 1000);
        story.barriers.shut("send a");
        story.tasks("large", "a", "b");
        story.soon();
        story.thenSent("a");
        story.barriers.open("send a");
        story.soon();
        story.thenSent("b");
    }

    /**
     * There are a thousand bytes for all queues. The requests of one queue take a hundred bytes each, and those of the other queue take one byte
     * each.
     */
    private static Story withLargeRequests() {
        var story = new Story(new EngineLimits(1000, 1000, 1000));
        story.applySettings(queue("large"));
        story.applySettings(queue("mail"));
        for (int i = 0; i < 20; i++) {
            story.worker.size("l" + i, 100);
        }
        story.worker.size("m", 1);
        return story;
    }
}
