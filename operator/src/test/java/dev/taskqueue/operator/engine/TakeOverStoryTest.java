package dev.taskqueue.operator.engine;

import static dev.taskqueue.operator.engine.TestingQueue.queue;
import static dev.taskqueue.operator.engine.TestingTask.task;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.Ending;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A standby becomes the leader. It knows everything, and has sent nothing. */
class TakeOverStoryTest {
    private final Story story = new Story();
    private final TestingQueue mail = queue("mail").rate(1, 50);

    @BeforeEach
    void standby() {
        story.fence.close();
        story.applySettings(mail);
    }

    @Test
    void whateverItsBucketsHaveSavedUpItBeginsWithoutABurst() {
        story.crowd("mail", "t", 20);
        story.at("1h");
        story.thenNothingSent();
        lead();
        story.at("1h999ms");
        story.thenNothingSent();
        story.at("1h1s");
        story.thenSent("t0");
        story.at("1h10s");
        assertThat(story.sent()).hasSize(10);
    }

    @Test
    void itLeavesTheFormerLeadersClaimsTheirSlots() {
        story.applySettings(mail.concurrent(1));
        story.offer(task("theirs", "mail").claimed("-1s", "30s"));
        story.tasks("mail", "b");
        story.at("10s");
        lead();
        story.at("29s");
        story.thenNothingSent();
        story.at("31s");
        story.thenSent("b");
    }

    @Test
    void aClaimThatEndedWhileNobodyLedIsInterruptedAtOnce() {
        story.offer(task("theirs", "mail").claimed("-1s", "5s"));
        story.at("10s");
        assertThat(story.journal.asked).isZero();
        lead();
        story.soon();
        assertThat(story.journal.of("theirs"))
                .singleElement()
                .isInstanceOfSatisfying(
                        Journal.Entry.BackingOff.class,
                        entry -> assertThat(entry.nextAt()).isEqualTo(StoryClocks.instant("20s")));
    }

    @Test
    void inANamespaceThatItDoesNotLeadYetNothingIsSentOrEnded() {
        story.fence.closeFor(TestingQueue.NAMESPACE);
        lead();
        story.offer(task("late", "mail").due("0s").expires("2s"));
        story.offer(task("theirs", "mail").claimed("-1s", "5s"));
        story.tasks("mail", "b");
        story.at("10s");
        story.thenNothingSent();
        assertThat(story.journal.asked).isZero();
        story.fence.closeFor("");
        story.engine.leadershipResumed("elsewhere"::equals);
        story.soon();
        assertThat(story.journal.asked).isZero();
        story.engine.leadershipResumed(TestingQueue.NAMESPACE::equals);
        story.at("12s");
        assertThat(story.journal.of("late")).singleElement().isInstanceOf(Journal.Entry.Finished.class);
        assertThat(story.journal.of("theirs")).singleElement().isInstanceOf(Journal.Entry.BackingOff.class);
        story.thenSent("b");
    }

    @Test
    void whatCanNeverBeSentIsRejectedOnlyThen() {
        reject("bad");
        reject("corrected");
        story.at("1m");
        assertThat(story.journal.asked).isZero();
        story.cancel("corrected");
        lead();
        story.soon();
        assertThat(story.journal.pages).extracting(page -> page.task().name()).containsExactly("bad");
        lead();
        story.soon();
        assertThat(story.journal.asked).isEqualTo(1);
    }

    @Test
    void theAlarmStandsReadyForWhatIsNotDueAndIsSilentAboutTheRest() {
        story.tasks("mail", "now");
        story.offer(task("later", "mail").due("1h"));
        story.soon();
        assertThat(story.time.nextAlarm()).isNull();
        story.cancel("now");
        story.soon();
        assertThat(story.time.nextAlarm()).isEqualTo(Duration.ofHours(1).minusSeconds(1));
        story.at("2h");
        story.thenNothingSent();
        assertThat(story.time.nextAlarm()).isNull();
    }

    @Test
    void everyStatusIsReportedAgain() {
        story.tasks("mail", "now");
        story.offer(task("later", "mail").due("1h"));
        story.soon();
        story.listener.changed.clear();
        lead();
        assertThat(story.listener.changed).contains("now", "later");
    }

    private void lead() {
        story.fence.reopen();
        story.engine.leadershipResumed();
    }

    private void reject(String name) {
        var ending = new Ending(Ending.Reason.InvalidSpec, "spec is missing");
        story.offer(task(name, "mail").ends(ending, story.clocks.instant()));
    }
}
