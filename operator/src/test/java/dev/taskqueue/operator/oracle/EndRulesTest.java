package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.broken;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndRulesTest {
    private static final String UNREADABLE = "{'scheduleTime': '2026-01-01T00:00:00+19:00'}";

    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    private static History spec(History story, String spec) {
        return story.queue("q", "{}").task("t", spec);
    }

    private static History task(History story, String retry) {
        return story.queue("q", "{'retry': " + retry + "}").task("t", "{}").at(1);
    }

    @Test
    void anEndStays() {
        catches(
                "EndUndone",
                story -> task(story, "{}").deliver("a", "t"),
                story -> task(story, "{}").deliver("a", "t").state("a", "t", "Queued", "Queued"));
        catches(
                "EndChanged",
                story -> task(story, "{}").deliver("a", "t"),
                story -> task(story, "{}").deliver("a", "t").at(2).state("a", "t", "Failed", "Expired"));
    }

    @Test
    void peopleMayEditAnEnd() {
        assertThat(broken(story -> task(story, "{}").deliver("a", "t").state("people", "t", "Queued", "Queued")))
                .doesNotContain("EndUndone");
    }

    @Test
    void finishedSaysThatItEnded() {
        catches(
                "FinishedWrong",
                story -> task(story, "{}").deliver("a", "t"),
                story -> task(story, "{}").deliver("a", "t").status("a", "t", "{'conditions': []}"));
    }

    @Test
    void onlyAnAnswerOf2xxSucceeds() {
        catches(
                "SucceededWithoutSuccess",
                story -> task(story, "{}").deliver("a", "t"),
                story -> task(story, "{}").answer(story.send("a", "t", 1), 0).succeed("a", "t"));
        catches("SuccessNotTaken", story -> task(story, "{}").deliver("a", "t"), story -> {
            task(story, "{}").answer(story.send("a", "t", 1), 200);
            story.outcome("a", "t", "BackingOff", "BackingOff", 200);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // limits | failed attempts, one a second | given up there
                "{'maxAttempts': 2}                                                      | 2 | true",
                "{'maxAttempts': 3}                                                      | 2 | false",
                "{'maxAttempts': -1}                                                     | 3 | false",
                "{'maxAttempts': -1, 'maxRetryDuration': '2s'}                           | 3 | true",
                "{'maxAttempts': -1, 'maxRetryDuration': '9s'}                           | 3 | false",
                "{'maxAttempts': 2, 'maxRetryDuration': '9s'}                            | 3 | false",
                "{'maxAttempts': 2, 'maxRetryDuration': '2s'}                            | 3 | true",
                "{'maxAttempts': 2, 'maxRetryDuration': '9s', 'giveUp': 'WhenEither'}    | 2 | true",
                "{'maxAttempts': 9, 'maxRetryDuration': '2s', 'giveUp': 'WhenEither'}    | 3 | true",
                "{'maxAttempts': 9, 'maxRetryDuration': '9s', 'giveUp': 'WhenEither'}    | 3 | false",
            })
    void asOftenAsTheRetryPolicySays(String limits, int attempts, boolean last) {
        assertThat(broken(story -> failing(story, limits, attempts, last))).isEmpty();
        assertThat(broken(story -> failing(story, limits, attempts, !last)))
                .contains(last ? "NotGivenUp" : "GivenUpEarly");
    }

    private static void failing(History story, String limits, int attempts, boolean givenUp) {
        task(story, "{'minBackoff': '1s', 'maxDoublings': 0, 'maxBackoff': '1s', " + limits.substring(1));
        for (int i = 1; i <= attempts; i++) {
            story.at(i * 1.2).answer(story.send("a", "t", i), 500);
            if (i == attempts && givenUp) {
                story.fail("a", "t");
            } else {
                story.backOff("a", "t");
            }
        }
    }

    @Test
    void aCodeThatIsNotRetryableIsTheLast() {
        catches("NotGivenUp", story -> notFound(story, "Failed", 404), story -> notFound(story, "BackingOff", 404));
        catches("NotNonRetryable", story -> notFound(story, "Failed", 404), story -> notFound(story, "Failed", 0));
    }

    private static void notFound(History story, String state, int code) {
        task(story, "{'nonRetryableStatusCodes': [404]}").answer(story.send("a", "t", 1), code);
        story.outcome("a", "t", state, state.equals("Failed") ? "NonRetryable" : state, code);
    }

    @Test
    void itExpiresAtItsTime() {
        catches("ExpiredEarly", story -> expired(story, 10), story -> expired(story, 9.9));
        catches("ExpiredEarly", story -> unfinished(story, 20), story -> unfinished(story, 15));
    }

    private static void expired(History story, double at) {
        story.queue("q", "{}").task("t", "{'expireTime': '2026-11-20T08:00:10Z'}");
        story.at(at).state("a", "t", "Failed", "Expired");
    }

    private static void unfinished(History story, double at) {
        story.queue("q", "{'retention': {'unfinished': '10s'}}").task("t", "{'delay': '10s'}");
        story.at(at).state("a", "t", "Failed", "Expired");
    }

    @Test
    void eachEndHasItsReason() {
        catches(
                "UnknownReason",
                story -> task(story, "{}").deliver("a", "t"),
                story -> task(story, "{}").state("a", "t", "Failed", "Somehow"));
        catches(
                "CompletedWithoutMark",
                story -> task(story, "{}").deliver("a", "t"),
                story -> task(story, "{}").state("a", "t", "Succeeded", "AlreadyCompleted"));
        catches(
                "InvalidAfterAttempt",
                story -> spec(story, UNREADABLE).state("a", "t", "Failed", "InvalidSpec"),
                story -> spec(story, UNREADABLE)
                        .answer(story.send("a", "t", 1), 500)
                        .outcome("a", "t", "Failed", "InvalidSpec", 500));
        catches(
                "InvalidWithoutProof",
                story -> spec(story, UNREADABLE).state("a", "t", "Failed", "InvalidSpec"),
                story -> spec(story, "{'scheduleTime': '2026-11-20T10:00:00+02:00'}")
                        .state("a", "t", "Failed", "InvalidSpec"));
    }

    @Test
    void theOperatorLeavesTheSpecAlone() {
        catches("OperatorChangedSpec", story -> task(story, "{}").deliver("a", "t"), story -> {
            story.queue("q", "{}").task("people", "shop", "t", "{}", "{'generation': 2}");
            story.deliver("a", "t");
        });
    }
}
