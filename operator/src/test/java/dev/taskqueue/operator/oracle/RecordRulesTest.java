package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.History.broken;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordRulesTest {
    private static void catches(String rule, Consumer<History> good, Consumer<History> bad) {
        assertThat(broken(good)).as("the good history").isEmpty();
        assertThat(broken(bad)).as("the bad history").contains(rule);
    }

    /** One attempt failed, and its outcome is stored with these changes. */
    private static void failed(History story, String changes) {
        story.queue("q", "{'retry': {'minBackoff': '10s', 'jitterPercent': 50}}")
                .task("t", "{}")
                .at(1);
        story.answer(story.send("a", "t", 1), 500);
        story.mend(changes).backOff("a", "t");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'nextAttemptTime': '2026-11-20T08:00:11Z'}                                     | ",
                "{'nextAttemptTime': '2026-11-20T08:00:16Z'}                                     | ",
                "{'nextAttemptTime': '2026-11-20T08:00:10.9Z'}                                   | NextAttemptWrong",
                "{'nextAttemptTime': '2026-11-20T08:00:16.1Z'}                                   | NextAttemptWrong",
                "{'nextAttemptTime': null}                                                       | NextAttemptWrong",
                "{'lastAttempt': {'number': 1, 'statusCode': 500, 'reason': 'ClientError'}}      | ReasonWrong",
                "{'lastAttempt': {'number': 1, 'reason': 'ServerError'}}                         | ReasonWrong",
                "{'lastAttempt': {'number': 1, 'reason': 'Interrupted'}, 'responseCount': 0}     | InterruptedWithoutLoss",
                "{'responseCount': 0}                                                            | CountsWrong",
                "{'executionCount': 1}                                                           | CountsWrong",
                "{'lastAttempt': {'number': 1, 'statusCode': 500, 'reason': 'ServerError', 'dispatchTime': '2026-11-20T08:00:03Z'}} | AttemptTimesWrong",
            })
    void theRecordFollowsFromTheAttempt(String changes, String rule) {
        if (rule == null) {
            assertThat(broken(story -> failed(story, changes))).isEmpty();
        } else {
            assertThat(broken(story -> failed(story, changes))).contains(rule);
        }
    }

    @Test
    void thePauseIsAtLeastTheOneThatTheWorkerAskedFor() {
        catches("NextAttemptWrong", story -> asked(story, 11), story -> asked(story, 29));
    }

    /** A worker answers 429 and asks for a pause, and the next attempt is due after 11 s. */
    private static void asked(History story, int seconds) {
        story.queue("q", "{'retry': {'minBackoff': '11s', 'maxBackoff': '20s'}}")
                .task("t", "{}")
                .at(1);
        long request = story.send("a", "t", 1);
        story.fact(new Fact.Answered(story.time(), request, 429, Duration.ofSeconds(seconds)))
                .mend("{'nextAttemptTime': '2026-11-20T08:00:12Z'}")
                .outcome("a", "t", "BackingOff", "TooManyRequests", 429);
    }

    @Test
    void theRequestIsThatOfItsTask() {
        String spec = "{'httpRequest': {'path': '/', 'method': 'POST'}, 'dispatchDeadline': '10s'}";
        catches(
                "WrongRequest",
                story -> sent(story, spec, Map.of()),
                story -> sent(story, spec.replace("'/'", "'/other'"), Map.of()));
        catches(
                "WrongRequest",
                story -> sent(story, spec, Map.of()),
                story -> sent(story, spec.replace("POST", "PUT"), Map.of()));
        catches(
                "WrongRequest",
                story -> sent(story, spec, Map.of()),
                story -> sent(story, spec.replace("'POST'", "'POST', 'body': 'x'"), Map.of()));
        String right = "2026-11-20T08:00:11Z";
        String wrong = "2026-11-20T08:10:01Z";
        catches(
                "WrongTimes",
                story -> sent(story, spec, Map.of("taskqueue-deadline", right)),
                story -> sent(story, spec, Map.of("taskqueue-deadline", wrong)));
        catches(
                "WrongTimes",
                story -> sent(story, spec, Map.of("x-cloudtasks-tasketa", "1795161601.000")),
                story -> sent(story, spec, Map.of("x-cloudtasks-tasketa", "1795161602.000")));
    }

    @Test
    void theBodyIsThatOfItsTask() {
        catches("WrongRequest", story -> inline(story, "abc"), story -> inline(story, "abd"));
    }

    private static void inline(History story, String body) {
        sent(story.body(body), "{'httpRequest': {'body': 'abc'}}", Map.of());
    }

    /** What was read may be a few seconds old. */
    @ParameterizedTest
    @CsvSource({"5, old, ", "5, new, ", "30, new, ", "30, old, WrongRequest", "5, other, WrongRequest"})
    void theBodyIsThatOfItsSecret(double second, String body, String rule) {
        Set<String> broken = broken(story -> {
            secret(story, "old");
            story.queue("q", "{}")
                    .task("t", "{'httpRequest': {'bodyFrom': {'secretKeyRef': {'name': 's', 'key': 'k'}}}}");
            secret(story.at(4), "new");
            story.at(second).body(body);
            story.answer(story.send("a", "t", 1), 200).succeed("a", "t");
        });
        assertThat(broken).isEqualTo(rule == null ? Set.of() : Set.of(rule));
    }

    private static void secret(History story, String content) {
        String data = Base64.getEncoder().encodeToString(content.getBytes(UTF_8));
        var secret = History.json("{'metadata': {'namespace': 'shop', 'name': 's'}, 'data': {'k': '" + data + "'}}");
        story.fact(new Fact.Stored(story.time(), "people", Fact.Change.Changed, "Secret", secret));
    }

    private static void sent(History story, String spec, Map<String, String> headers) {
        story.queue("q", "{}").task("t", spec).at(1);
        story.answer(story.send("a", "t", 1, headers), 200).succeed("a", "t");
    }

    @Test
    void aClaimedAttemptCounts() {
        catches("ClaimedAttemptSentAgain", story -> claimed(story, 2), story -> claimed(story, 1));
    }

    private static void claimed(History story, int number) {
        story.queue("q", "{'retry': {'minBackoff': '1s'}}")
                .task("t", "{}")
                .start("b")
                .at(1)
                .send("a", "t", 1);
        story.at(2).status("a", "t", "{'claim': {'attempt': 1, 'deadline': '2026-11-20T08:00:10Z', 'holder': 'a'}}");
        story.crash("a").at(20).lead("b").at(21);
        if (number == 2) {
            story.mend("{'lastAttempt': {'number': 1, 'reason': 'Interrupted'}}")
                    .outcome("b", "t", "BackingOff", "BackingOff", 0);
            story.at(23);
        }
        story.deliver("b", "t", number);
    }

    @Test
    void theLeaseIsGivenBackOnceEverythingIsClaimed() {
        catches("ReleasedWithoutClaim", story -> stopped(story, true), story -> stopped(story, false));
    }

    private static void stopped(History story, boolean claims) {
        story.queue("q", "{}").task("t", "{}").start("b").at(1);
        long request = story.send("a", "t", 1);
        story.at(2).fact(new Fact.Stopping(story.time(), "a"));
        if (claims) {
            story.status("a", "t", "{'claim': {'attempt': 1, 'deadline': '2026-11-20T08:10:00Z', 'holder': 'a'}}");
        }
        story.at(12).silent().lease("a", "").at(13).lead("b");
        story.answer(request, 200).succeed("a", "t");
    }

    /** One or two writes may have been refused, of which no fact tells. */
    @Test
    void theLeaseIsGivenBackOnceOutcomesAreWritten() {
        catches("ReleasedWithoutClaim", story -> answered(story, 2), story -> answered(story, 3));
    }

    private static void answered(History story, int tasks) {
        story.queue("q", "{}").start("b");
        for (int i = 0; i < tasks; i++) {
            story.task("t" + i, "{}").answer(story.send("a", "t" + i, 1), 200);
        }
        story.at(2).fact(new Fact.Stopping(story.time(), "a"));
        story.at(12).silent().lease("a", "").at(13).lead("b");
        for (int i = 0; i < tasks; i++) {
            story.deliver("b", "t" + i);
        }
    }
}
