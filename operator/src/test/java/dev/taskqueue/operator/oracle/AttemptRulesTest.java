package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.broken;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class AttemptRulesTest {
    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    private static History task(History story) {
        return story.queue("q", "{'retry': {'minBackoff': '1s'}}")
                .task("t", "{}")
                .at(1);
    }

    @Test
    void anAttemptIsSentOnce() {
        catches("AttemptSentTwice", story -> task(story).deliver("a", "t"), story -> {
            task(story).send("a", "t", 1);
            story.at(2).deliver("a", "t");
        });
    }

    @Test
    void whatWasInFlightAtACrashMayComeAgain() {
        catches("AttemptSentTwice", story -> crashed(story, false), story -> crashed(story, true));
    }

    /** In the bad history the process that sent it first goes on leading, and another one sends it too. */
    private static void crashed(History story, boolean lives) {
        task(story).start("b").send("a", "t", 1);
        if (lives) {
            story.at(2).deliver("b", "t");
        } else {
            story.crash("a").at(17).lead("b").deliver("b", "t");
        }
    }

    @Test
    void whatWasRecordedBeforeACrashDoesNotComeAgain() {
        catches("RecordedAttemptSent", story -> recorded(story, 2), story -> recorded(story, 1));
    }

    private static void recorded(History story, int number) {
        long first = task(story).start("b").send("a", "t", 1);
        story.at(2).answer(first, 500).backOff("a", "t").crash("a");
        story.at(17).lead("b").deliver("b", "t", number);
    }

    @Test
    void theNextAttemptWaitsForTheRecordOfTheLast() {
        catches("AttemptNotRecorded", story -> twice(story, true), story -> twice(story, false));
    }

    private static void twice(History story, boolean writes) {
        task(story).answer(story.send("a", "t", 1), 500);
        if (writes) {
            story.backOff("a", "t");
        }
        story.at(3).deliver("a", "t", 2);
    }

    @Test
    void numbersGrow() {
        catches("AttemptNumberFell", story -> twice(story, true), story -> {
            twice(story, true);
            story.send("a", "t", 1);
        });
    }

    @Test
    void theCountGrowsByOne() {
        catches(
                "CountFell",
                story -> twice(story, true),
                story -> task(story).deliver("a", "t").status("a", "t", "{'dispatchCount': 0}"));
        catches(
                "CountSkipped",
                story -> twice(story, true),
                story -> task(story).deliver("a", "t").status("a", "t", "{'dispatchCount': 3}"));
    }

    @Test
    void peopleMayEditTheCount() {
        assertThat(broken(story -> task(story)
                        .deliver("a", "t")
                        .status("people", "t", "{'dispatchCount': 0, 'state': 'Pending'}")))
                .doesNotContain("CountFell");
    }

    @Test
    void theRecordHasTheCodeThatTheWorkerAnswered() {
        catches(
                "RecordedCodeDiffers",
                story -> task(story).deliver("a", "t"),
                story -> task(story).answer(story.send("a", "t", 1), 500).succeed("a", "t"));
    }

    @Test
    void theRecordIsOfAnAttemptThatWasSent() {
        catches(
                "RecordedNotSent",
                story -> task(story).deliver("a", "t"),
                story -> task(story).succeed("a", "t"));
    }

    @Test
    void theLastAttemptIsTheLast() {
        catches("RecordWrong", story -> task(story).deliver("a", "t"), story -> {
            task(story).answer(story.send("a", "t", 1), 200);
            story.outcome("a", "t", "BackingOff", "BackingOff", 200);
            story.status("a", "t", "{'dispatchCount': 2, 'lastAttempt': {'number': 1}}");
        });
    }

    @Test
    void whatWasSentIsCountedAtItsEnd() {
        catches("SentNotRecorded", story -> task(story).deliver("a", "t"), story -> {
            task(story).answer(story.send("a", "t", 1), 200);
            story.state("a", "t", "Failed", "Expired");
        });
    }

    @Test
    void anAttemptOfAnUnknownSenderMayBeLostWithAProcessThatDiedThen() {
        assertThat(broken(story -> {
                    task(story).answer(story.send("", "t", 1), 500);
                    story.crash("a").at(20).lead("b").state("b", "t", "Failed", "Expired");
                }))
                .doesNotContain("SentNotRecorded");
        assertThat(broken(story -> {
                    task(story).answer(story.send("", "t", 1), 500);
                    story.at(20).state("a", "t", "Failed", "Expired");
                }))
                .contains("SentNotRecorded");
    }

    @Test
    void anAttemptHasANumber() {
        catches(
                "AttemptWithoutNumber",
                story -> task(story).deliver("a", "t"),
                story -> task(story).send("a", "t", 0));
    }
}
