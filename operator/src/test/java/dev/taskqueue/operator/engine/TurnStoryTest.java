package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Why a due delivery has not left: what the engine says about its turn. */
class TurnStoryTest {
    private final Story story = new Story();
    private final TestingQueue mail = queue("mail");

    @Test
    void ofAPausedQueueThePauseIsTheCause() {
        story.applySettings(mail.paused());
        story.tasks("mail", "a");
        story.at("2s");
        assertThat(turn("a")).isEqualTo(new Turn(StoryClocks.instant("2s"), new Turn.Paused(Turn.By.UNKNOWN, "")));
    }

    @Test
    void whereAllSlotsAreTakenTheOldestRequestIsNamed() {
        story.applySettings(mail.concurrent(2));
        story.barriers.shut("send a");
        story.barriers.shut("send b");
        story.tasks("mail", "a");
        story.at("3s");
        story.tasks("mail", "b", "c");
        story.at("5s");
        assertThat(turn("c").cause()).isEqualTo(new Turn.SlotsTaken(2, StoryClocks.START));
    }

    @Test
    void aSlotOfAnEarlierProcessCountsToo() {
        story.applySettings(mail.concurrent(1));
        story.offer(task("gone", "mail").claimed("0s", "10m"));
        story.at("1m");
        story.tasks("mail", "a");
        story.soon();
        assertThat(turn("a").cause()).isEqualTo(new Turn.SlotsTaken(1, StoryClocks.START));
    }

    @Test
    void theRateIsSaidWithTheNumberOfThoseBefore() {
        story.applySettings(mail.rate(0.1, 1));
        story.crowd("mail", "t", 13);
        story.at("1s");
        assertThat(turn("t12").cause()).isEqualTo(new Turn.RateSpent(0.1, 0.1, 11));
        assertThat(turn("t1").cause()).isEqualTo(new Turn.RateSpent(0.1, 0.1, 0));
    }

    @Test
    void thoseBeforeAreCountedUpToABound() {
        story.applySettings(mail.rate(0.1, 1));
        story.crowd("mail", "t", 3_000);
        story.at("1s");
        assertThat(turn("t2999").cause()).isEqualTo(new Turn.RateSpent(0.1, 0.1, TurnRules.MOST_COUNTED));
    }

    @Test
    void whatLeavesNextHasNoCause() {
        story.applySettings(mail);
        story.barriers.shut("prepare a");
        story.tasks("mail", "a");
        story.soon();
        assertThat(story.status("a")).isInstanceOf(DeliveryStatus.Queued.class);
        assertThat(turn("a").cause()).isEqualTo(new Turn.Next());
    }

    private Turn turn(String name) {
        DeliveryStatus.Queued queued = (DeliveryStatus.Queued)
                story.engine.deliveryStatusWithTurn(story.delivery(name)).orElseThrow();
        return Objects.requireNonNull(queued.turn());
    }
}
