package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.broken;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class WriteRulesTest {
    private static final String CLAIM = "{'claim': {'attempt': 1, 'deadline': '2026-11-20T08:10:00Z', 'holder': 'a'}}";

    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    /** A write that was sent in time may arrive late. */
    @Test
    void onlyWhoHoldsTheLeaseWrites() {
        catches("WrittenWithoutRight", story -> late(story, 14), story -> late(story, 30));
    }

    private static void late(History story, double sent) {
        story.queue("q", "{}").task("t", "{}").at(1).start("b");
        long request = story.send("a", "t", 1);
        story.answer(request, 200).silent().at(18).lead("b");
        story.at(31).sent(sent).succeed("a", "t");
    }

    /** Who cannot reach the API server does not see that people have taken its Lease away. Its own time is over after the duration of the Lease. */
    @Test
    void whoLosesTheLeaseToPeopleWritesUntilItsOwnTimeIsOver() {
        catches("WrittenWithoutRight", story -> deprived(story, 8, true), story -> deprived(story, 8, false));
        catches("WrittenWithoutRight", story -> deprived(story, 14, true), story -> deprived(story, 17, true));
    }

    private static void deprived(History story, double sent, boolean byPeople) {
        story.queue("q", "{}").task("t", "{}").at(1).start("b");
        long request = story.send("a", "t", 1);
        story.answer(request, 200).silent().at(5);
        if (byPeople) {
            story.lease("people", "somebody");
        }
        story.at(6).lead("b").at(18).sent(sent).succeed("a", "t");
    }

    @Test
    void aStandbyWritesNothing() {
        catches("WrittenWithoutRight", story -> written(story, "a"), story -> written(story, "b"));
    }

    private static void written(History story, String by) {
        story.queue("q", "{}").task("t", "{'delay': '60s'}").start("b");
        story.at(1).sent(1).state(by, "t", "Scheduled", "Scheduled");
    }

    @Test
    void aStandbyLeavesQueuesAlone() {
        catches("WrittenWithoutRight", story -> queueWritten(story, "a"), story -> queueWritten(story, "b"));
    }

    private static void queueWritten(History story, String by) {
        story.queue("q", "{}").start("b").at(1).sent(1).queueStatus(by, "q", "{'state': 'Running'}");
    }

    @Test
    void whatHasChangedSinceIsNotWrittenOver() {
        catches("WrittenOverChange", story -> edited(story, 4, false), story -> edited(story, 6, false));
        catches("WrittenOverChange", story -> edited(story, 4, true), story -> edited(story, 6, true));
    }

    private static void edited(History story, double second, boolean deletes) {
        story.queue("q", "{'retention': {'succeeded': '1s'}}").task("t", "{}").at(1);
        if (deletes) {
            story.deliver("a", "t");
        } else {
            story.answer(story.send("a", "t", 1), 200);
        }
        story.at(second).annotate("Task", "t", "note", "x").at(7).sent(5);
        if (deletes) {
            story.delete("a", "t");
        } else {
            story.succeed("a", "t");
        }
    }

    /** After SIGTERM the outcomes of own claims are written. */
    @Test
    void whoStopsWritesOutcomesOfItsClaims() {
        catches("WrittenWithoutRight", story -> stopped(story, true), story -> stopped(story, false));
    }

    private static void stopped(History story, boolean claims) {
        story.queue("q", "{}").task("t", "{}").start("b").at(1);
        long request = story.send("a", "t", 1);
        story.at(2).fact(new Fact.Stopping(story.time(), "a"));
        if (claims) {
            story.sent(2).status("a", "t", CLAIM);
        }
        story.at(12).silent().lease("a", "").at(13).lead("b");
        story.answer(request, 200).sent(13).succeed("a", "t");
    }
}
