package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.broken;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TellingRulesTest {
    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    @Test
    void anAttemptThatLastsHasItsClaim() {
        catches("ClaimMissing", story -> lasts(story, true, 130), story -> lasts(story, false, 130));
    }

    @Test
    void anAttemptThatEndsSoonNeedsNone() {
        assertThat(broken(story -> lasts(story, false, 109))).isEmpty();
    }

    @Test
    void nothingIsMissingYetWhenTheRunEnds() {
        assertThat(broken(story -> {
                    story.queue("q", "{}").at(100).task("t", "{'dispatchDeadline': '60s'}");
                    story.send("a", "t", 1);
                }))
                .doesNotContain("ClaimMissing");
    }

    @Test
    void aServiceThatIsThereIsNotToldAsMissing() {
        catches("ObstacleWrong", story -> missing(story, "another"), story -> missing(story, "w"));
    }

    private static void missing(History story, String service) {
        story.queue("q", "{}").other("Service", service).endpoints("w", true).at(300);
        story.task("t", "{'httpRequest': {'serviceRef': {'name': 'w'}}}").at(301);
        String told = "{'conditions': [{'type': 'Accepted', 'status': 'False', 'reason': 'TargetNotFound'}]}";
        story.status("a", "t", told).at(302);
        story.deliver("a", "t");
    }

    private static void lasts(History story, boolean isClaimed, double answeredAt) {
        story.queue("q", "{}").at(100).task("t", "{'dispatchDeadline': '60s'}");
        long request = story.send("a", "t", 1);
        if (isClaimed) {
            story.at(105).status("a", "t", "{'claim': {'attempt': 1, 'deadline': '2026-11-20T08:02:40Z'}}");
        }
        story.at(answeredAt).answer(request, 200).succeed("a", "t").at(150);
    }
}
