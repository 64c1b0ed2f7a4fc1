package dev.taskqueue.operator.plan;

import static dev.taskqueue.operator.plan.TestingPlan.queue;
import static dev.taskqueue.operator.plan.TestingPlan.reading;
import static dev.taskqueue.operator.plan.TestingPlan.task;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FindingsTest {
    private static final String CALM =
            "rateLimits: {maxDispatchesPerSecond: 2, maxBurstSize: 2, maxConcurrentDispatches: 5}, "
                    + "httpTarget: {serviceRef: {name: worker}}";
    private static final String QUIET = queue("quiet", CALM);

    @Test
    void ofAPlainQueueAndTaskThereIsNothingToSay() {
        TestingPlan plan = reading(QUIET + task("t", "delay: 5s"), "--backlog", "10");

        assertThat(plan.findings()).isEmpty();
        assertThat(plan.exit()).isZero();
        assertThat(plan.lines()).contains("1 queue, 1 Task: 0 errors, 0 warnings, 0 notes.");
    }

    /** Each row is one fault in a queue that has no other fault. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "note Paused                   | state: Paused",
                "warning AttemptsAreAFloor     | retry: {maxAttempts: 5, maxRetryDuration: 1h}",
                "warning DurationIsAFloor      | retry: {maxRetryDuration: 1m}",
                "warning RetriesWithoutEnd     | retry: {maxAttempts: -1}",
                "warning ExpiresBeforeGivenUp  | retention: {unfinished: 24h}",
                "note MaxBackoffNotReached     | retry: {maxAttempts: 4, maxBackoff: 10s}",
                "note JitterLengthens          | retry: {jitterPercent: 20}",
                "warning DeadlineAboveMaximum  | dispatchDeadline: 31m",
                "warning DeletedAtItsEnd       | retention: {succeeded: 0s}",
                "note ShortNameReservation     | retention: {succeeded: 59m}",
                "warning PurgeDeletes          | purgeBefore: \"2026-11-20T00:00:00Z\"",
                "note KeepsFewer               | retention: {maxSucceeded: 7199}",
            })
    void aFaultInAQueueIsToldOnce(String finding, String field) {
        TestingPlan plan = reading(queue("quiet", CALM + ", " + field), "--backlog", "10");

        assertThat(plan.findings()).containsExactly(finding);
        assertThat(plan.exit()).isZero();
    }

    /** Values that are only just not that fault. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "state: Running",
                "retry: {maxAttempts: 5, maxRetryDuration: 1h, giveUp: WhenEither}",
                "retry: {maxAttempts: 5, maxRetryDuration: 1s}",
                "retry: {maxRetryDuration: 1h, maxAttempts: -1}",
                "retry: {maxAttempts: 1, maxBackoff: 10s}",
                "retention: {unfinished: 85h}",
                "dispatchDeadline: 30m",
                "retention: {succeeded: 1h, maxSucceeded: 7200}",
            })
    void whatIsNoFaultIsNotTold(String field) {
        assertThat(reading(queue("quiet", CALM + ", " + field), "--backlog", "10")
                        .findings())
                .isEmpty();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "maxDispatchesPerSecond: 2, maxBurstSize: 1, maxConcurrentDispatches: 1    | 1s    | warning RateUnreachable",
                "maxDispatchesPerSecond: 2, maxBurstSize: 2, maxConcurrentDispatches: 2    | 1s    | ",
                "maxDispatchesPerSecond: 1, maxConcurrentDispatches: 20                    | 100ms | warning BurstOutweighsRate",
                "maxDispatchesPerSecond: 2, maxBurstSize: 19, maxConcurrentDispatches: 20  | 100ms | ",
                "maxDispatchesPerSecond: 2, maxBurstSize: 6, maxConcurrentDispatches: 5    | 100ms | note BurstAboveConcurrency",
                "maxDispatchesPerSecond: 2, maxBurstSize: 2, maxConcurrentDispatches: 5000 | 11m   | warning DeadlineBelowDuration",
                "maxDispatchesPerSecond: 2, maxBurstSize: 2, maxConcurrentDispatches: 5000 | 10m   | ",
            })
    void limitsAreComparedWithTheHandlersTime(String limits, String handler, String finding) {
        TestingPlan plan =
                reading(queue("quiet", "rateLimits: {%s}".formatted(limits)), "--backlog", "10", "--duration", handler);

        assertThat(plan.findings()).isEqualTo(finding == null ? List.of() : List.of(finding));
    }

    @Test
    void aBacklogThatOutlastsItsTasksIsTold() {
        String spec = CALM + ", retention: {unfinished: 90h}";

        assertThat(reading(queue("quiet", spec), "--backlog", "648010").findings())
                .containsExactly("warning BacklogExpires");
        assertThat(reading(queue("quiet", spec), "--backlog", "640000").findings())
                .isEmpty();
    }

    @Test
    void theFloorsSayWhatHappensInstead() {
        TestingPlan plan = reading(queue(
                "quiet", CALM + ", retry: {maxAttempts: 5, maxRetryDuration: 1h, minBackoff: 10s, maxBackoff: 300s}"));

        assertThat(plan.sentence("AttemptsAreAFloor"))
                .isEqualTo(
                        "spec.retry.maxAttempts 5 is a floor because maxRetryDuration 1h must be reached too: a failing Task gets 17 attempts in 1h; giveUp WhenEither ends it after 5.");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "warning LimitExceeded    | dispatchDeadline: 31m",
                "warning LimitExceeded    | delay: 721h",
                "warning LimitExceeded    | scheduleTime: \"2027-11-21T09:00:00Z\"",
                "warning ExpiresBeforeDue | expireTime: \"2026-11-21T09:00:00Z\"",
                "note NoContentType       | httpRequest: {body: x}",
                "error InvalidSpec        | httpRequest: {json: {a: 1}, body: x, headers: {Content-Type: a/b}}",
                "error UnknownField       | delai: 5s",
                "error InvalidSpec        | delay: five",
                "error OutOfBounds        | httpRequest: {serviceRef: {name: Worker}}",
            })
    void aFaultInATaskIsToldOnce(String finding, String field) {
        TestingPlan plan = reading(QUIET + task("t", field), "--backlog", "10");

        assertThat(plan.findings()).containsExactly(finding);
        assertThat(plan.exit()).isEqualTo(finding.startsWith("error") ? 1 : 0);
    }

    @Test
    void jsonMayHoldAnyFieldAndHasAContentType() {
        TestingPlan plan =
                reading(QUIET + task("t", "httpRequest: {json: {delai: [1, null, {x: 0.1}]}}"), "--backlog", "10");

        assertThat(plan.findings()).isEmpty();
    }

    @Test
    void jsonThatIsTooLargeWouldWait() {
        String field = "httpRequest: {json: {a: " + "x".repeat(262_144) + "}}";
        TestingPlan plan = reading(QUIET + task("t", field), "--backlog", "10");

        assertThat(plan.findings()).containsExactly("warning LimitExceeded");
        assertThat(plan.sentence("LimitExceeded")).contains("bodyFrom");
    }

    @Test
    void aTaskWithoutAnyTargetIsTold() {
        TestingPlan plan = reading(
                queue("quiet", CALM.replace("httpTarget: {serviceRef: {name: worker}}", "")) + task("t", "delay: 5s"),
                "--backlog",
                "10");

        assertThat(plan.findings()).containsExactly("warning TargetNotFound");
    }

    @Test
    void aTaskWithoutItsQueueIsTold() {
        TestingPlan plan = reading(task("t", "delay: 5s"));

        assertThat(plan.findings()).containsExactly("warning QueueNotInManifest");
        assertThat(plan.sentence("QueueNotInManifest")).startsWith("TaskQueue default/quiet is not in these files");
    }

    @Test
    void aDeadLetterQueueThatIsNotThereIsTold() {
        String letters = queue("quiet", CALM + ", deadLetter: {queueRef: {name: failed}}");

        assertThat(reading(letters, "--backlog", "10").findings())
                .containsExactly("warning DeadLetterQueueNotInManifest");
        assertThat(reading(letters + queue("failed", CALM), "--backlog", "10").findings())
                .isEmpty();
    }

    @Test
    void aChainOfDeadLettersIsRefusedInTheOperatorsWords() {
        TestingPlan plan = reading(
                queue("quiet", CALM + ", deadLetter: {queueRef: {name: failed}}")
                        + queue("failed", CALM + ", deadLetter: {queueRef: {name: last}}")
                        + queue("last", CALM),
                "--backlog",
                "10");

        assertThat(plan.findings()).containsExactly("error DeadLetterChain");
        assertThat(plan.sentence("DeadLetterChain"))
                .isEqualTo(
                        "TaskQueue failed, which spec.deadLetter.queueRef names, has a deadLetter itself: remove it there, or name another TaskQueue here.");
        assertThat(plan.exit()).isEqualTo(1);
    }

    @Test
    void theSameNameTwiceIsTold() {
        TestingPlan plan = reading(QUIET + task("t", "delay: 5s") + task("t", "delay: 6s"), "--backlog", "10");

        assertThat(plan.findings()).containsExactly("warning DuplicateName");
    }

    @Test
    void tasksThatWouldStayForEverAreToldOnceTogether() {
        String unlimited = (task("a", "delay: 5s") + task("b", "delay: 5s")).replace("ttlAfterFinished: 2h, ", "");

        TestingPlan plan = reading(QUIET + unlimited, "--backlog", "10");

        assertThat(plan.findings()).containsExactly("note AppliedTasksStay");
        assertThat(plan.sentence("AppliedTasksStay")).startsWith("2 Tasks without ttlAfterFinished");
        assertThat(reading(
                                QUIET
                                        + unlimited
                                                .replace("name: a}", "generateName: a-}")
                                                .replace("name: b}", "generateName: b-}"),
                                "--backlog",
                                "10")
                        .findings())
                .isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "error UnknownField | spec.rateLimits.maxBurst is no field, so kubectl refuses the object: did you mean maxBurstSize?  | rateLimits: {maxBurst: 1}",
                "error UnknownField | spec.rateLimit is no field, so kubectl refuses the object: did you mean rateLimits?                     | rateLimit: {}",
                "error WrongType    | spec.retry.giveUp is \"Both\", which is none of [WhenBoth, WhenEither]: write one of them.        | retry: {giveUp: Both}",
                "error WrongType    | spec.retry.maxAttempts is an object: write a whole number. | retry: {maxAttempts: {}}",
                "error WrongType    | spec.rateLimits.maxDispatchesPerSecond is a fraction without quotes, which Kubernetes refuses: write it in quotes. | rateLimits: {maxDispatchesPerSecond: 0.5}",
                "error OutOfBounds  | spec.rateLimits.maxDispatchesPerSecond is 10001: write 0.001 to 10000.                           | rateLimits: {maxDispatchesPerSecond: 10001}",
                "error OutOfBounds  | spec.rateLimits.maxBurstSize is 0: write at least 1.                                            | rateLimits: {maxBurstSize: 0}",
                "error OutOfBounds  | spec.retry.jitterPercent is 101: write at most 100.                                             | retry: {jitterPercent: 101}",
                "error InvalidSpec  | retry.maxBackoff is below retry.minBackoff: raise it                                            | retry: {minBackoff: 2s, maxBackoff: 1s}",
            })
    void whatIsRefusedIsAnErrorAndTheQueueIsNotPlanned(String finding, String sentence, String field) {
        TestingPlan plan = reading(queue("quiet", field));

        assertThat(plan.findings()).containsExactly(finding);
        assertThat(plan.sentence(finding.substring("error ".length()))).isEqualTo(sentence);
        assertThat(plan.exit()).isEqualTo(1);
        assertThat(plan.out()).doesNotContain("attempt  after");
    }
}
