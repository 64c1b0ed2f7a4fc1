package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.broken;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class DeadLetterRulesTest {
    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    private static History queues(History story) {
        return justCreated(story)
                .queueStatus("a", "q", "{'observedGeneration': 1, 'state': 'Running'}")
                .at(10);
    }

    private static History justCreated(History story) {
        story.queue("failed", "{}")
                .queue("q", "{'retry': {'maxAttempts': 1}, 'deadLetter': {'queueRef': {'name': 'failed'}}}");
        return story.task("t", "{}").at(1);
    }

    private static History letter(History story, String by, String task, String changes) {
        String uid = story.uid(task);
        return named(story, by, task, task + "-dl-" + uid.substring(0, 8), changes);
    }

    private static History named(History story, String by, String task, String name, String changes) {
        String of = "{'queue': 'q', 'task': '" + task + "', 'uid': '" + story.uid(task)
                + "', 'reason': 'RetriesExhausted'}";
        String spec = "{'queueRef': {'name': 'failed'}, 'deadLetterOf': " + of + "}";
        return story.task(by, "shop", name, changes.isEmpty() ? spec : changes.replace("OF", of), "{}");
    }

    private static void good(History story) {
        queues(story).answer(story.send("a", "t", 1), 500);
        letter(story, "a", "t", "").fail("a", "t");
    }

    @Test
    void itIsThereBeforeItsTaskIsFailed() {
        catches(
                "DeadLetterMissing",
                DeadLetterRulesTest::good,
                story -> queues(story).answer(story.send("a", "t", 1), 500).fail("a", "t"));
        catches("DeadLetterNotDue", DeadLetterRulesTest::good, story -> {
            queues(story).answer(story.send("a", "t", 1), 500).fail("a", "t");
            letter(story.at(11), "a", "t", "");
        });
    }

    @Test
    void aQueueThatWasJustCreatedMayNotBeKnownYet() {
        catches(
                "DeadLetterMissing",
                story -> justCreated(story).answer(story.send("a", "t", 1), 500).fail("a", "t"),
                story -> justCreated(story)
                        .at(60)
                        .answer(story.send("a", "t", 1), 500)
                        .fail("a", "t"));
    }

    @Test
    void aRefusalDuringAFaultIsNoViolation() {
        catches("DeadLetterMissing", story -> refused(story, "shop", true), story -> refused(story, "shop", false));
        catches("DeadLetterMissing", story -> refused(story, "shop", true), story -> refused(story, "other", true));
    }

    private static void refused(History story, String namespace, boolean explained) {
        queues(story).at(200).fault("admission", namespace).answer(story.send("a", "t", 1), 500);
        story.mend(explained ? "{'message': 'There is no dead letter: a policy refused it.'}" : "{}")
                .fail("a", "t");
    }

    @Test
    void itHasItsNameAndQueue() {
        catches("DeadLetterName", DeadLetterRulesTest::good, story -> {
            queues(story).answer(story.send("a", "t", 1), 500);
            named(story, "a", "t", "t-dead", "").fail("a", "t");
        });
        catches("DeadLetterQueue", DeadLetterRulesTest::good, story -> {
            queues(story).answer(story.send("a", "t", 1), 500);
            letter(story, "a", "t", "{'queueRef': {'name': 'q'}, 'deadLetterOf': OF}")
                    .fail("a", "t");
        });
    }

    @Test
    void aLongNameIsCut() {
        TaskModel task = new TaskModel(
                History.json(
                        "{'metadata': {'namespace': 'n', 'name': '" + "x".repeat(253) + "', 'uid': '12345678-9'}}"),
                0);
        assertThat(DeadLetterRules.name(task)).hasSize(253).endsWith("x-dl-12345678");
    }

    @Test
    void noneForATaskThatSucceeded() {
        catches("DeadLetterNotDue", DeadLetterRulesTest::good, story -> {
            queues(story).deliver("a", "t");
            letter(story.at(11), "a", "t", "");
        });
    }

    /** The letter may come before a crash, and the Task succeed after it. */
    @Test
    void itsTaskFails() {
        catches(
                "DeadLetterOfUnfailed",
                story -> {
                    queues(story).start("b").answer(story.send("a", "t", 1), 500);
                    letter(story, "a", "t", "").crash("a").at(17).lead("b").deliver("b", "t");
                    story.deliver("b", "t-dl-" + story.uid("t").substring(0, 8)).at(200);
                },
                story -> {
                    queues(story).answer(story.send("a", "t", 1), 200);
                    letter(story, "a", "t", "").succeed("a", "t").at(200);
                });
    }

    @Test
    void noSecondOne() {
        catches("DeadLetterTwice", DeadLetterRulesTest::good, story -> {
            queues(story).answer(story.send("a", "t", 1), 500);
            String uid = story.uid("t");
            letter(story, "a", "t", "").delete("people", "t-dl-" + uid.substring(0, 8));
            letter(story, "a", "t", "").fail("a", "t");
        });
    }

    @Test
    void noneOfADeadLetter() {
        catches("DeadLetterNotDue", DeadLetterRulesTest::good, story -> {
            good(story);
            letter(story, "a", "t-dl-" + story.uid("t").substring(0, 8), "");
        });
    }

    @Test
    void noneForASpecThatIsInvalid() {
        assertThat(broken(story -> queues(story).state("a", "t", "Failed", "InvalidSpec")))
                .containsExactly("InvalidWithoutProof");
    }
}
