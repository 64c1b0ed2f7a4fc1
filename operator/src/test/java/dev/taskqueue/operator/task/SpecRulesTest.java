package dev.taskqueue.operator.task;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.TaskSpec;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.testing.TestingTasks;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecRulesTest {
    private static final Instant CREATED = Instant.parse("2026-11-21T09:00:00Z");

    private final SpecRules rules = new SpecRules(Duration.ofDays(30), Duration.ofMinutes(30));

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            scheduleTime: 'tomorrow' | spec.scheduleTime is no RFC 3339 time: write it as 2026-11-21T09:00:00Z.
            expireTime: '2026-11-21' | spec.expireTime is no RFC 3339 time: write it as 2026-11-21T09:00:00Z.
            delay: '5' | spec.delay: "5" is no duration; write numbers with the units h, m, s, ms, such as 10s or 1h30m.
            dispatchDeadline: '1d' | spec.dispatchDeadline: "1d" is no duration; write numbers with the units h, m, s, ms, such as 10s or 1h30m.
            ttlAfterFinished: '' | spec.ttlAfterFinished: "" is no duration; write numbers with the units h, m, s, ms, such as 10s or 1h30m.
            scheduleTime: '2026-11-21T09:00:00Z', delay: '1s' | spec has both scheduleTime and delay: keep one.
            httpRequest: {path: 'x'} | spec.httpRequest.path must begin with / and hold printable ASCII without #: percent-encode the rest.
            httpRequest: {path: '/a b'} | spec.httpRequest.path must begin with / and hold printable ASCII without #: percent-encode the rest.
            httpRequest: {path: '/a#b'} | spec.httpRequest.path must begin with / and hold printable ASCII without #: percent-encode the rest.
            httpRequest: {path: '/ä'} | spec.httpRequest.path must begin with / and hold printable ASCII without #: percent-encode the rest.
            httpRequest: {path: '/a/../b'} | spec.httpRequest.path must not have . or .. as a segment: write the path it stands for.
            httpRequest: {path: '/.'} | spec.httpRequest.path must not have . or .. as a segment: write the path it stands for.
            httpRequest: {path: '/a/%2e%2E?x'} | spec.httpRequest.path must not have . or .. as a segment: write the path it stands for.
            httpRequest: {path: '/..?x'} | spec.httpRequest.path must not have . or .. as a segment: write the path it stands for.
            httpRequest: {body: 'a', bodyBase64: 'YQ=='} | spec.httpRequest has more than one of body, bodyBase64, json and bodyFrom: keep one.
            httpRequest: {body: 'a', bodyFrom: {}} | spec.httpRequest has more than one of body, bodyBase64, json and bodyFrom: keep one.
            httpRequest: {body: 'a', json: []} | spec.httpRequest has more than one of body, bodyBase64, json and bodyFrom: keep one.
            httpRequest: {method: 'GET', json: 0} | spec.httpRequest.method GET takes no body: use POST, PUT or PATCH, or remove the body.
            httpRequest: {method: 'GET', body: 'a'} | spec.httpRequest.method GET takes no body: use POST, PUT or PATCH, or remove the body.
            httpRequest: {method: 'DELETE', bodyBase64: 'YQ=='} | spec.httpRequest.method DELETE takes no body: use POST, PUT or PATCH, or remove the body.
            httpRequest: {bodyBase64: '?'} | spec.httpRequest.bodyBase64 is no Base64 (RFC 4648, with padding): encode it anew.
            httpRequest: {headers: {Host: 'x'}} | spec.httpRequest.headers: Header Host is the operator's own to set; remove it.
            httpRequest: {headers: {Authorization: 'x'}, serviceAccountToken: {}} | spec.httpRequest.headers: Header Authorization clashes with serviceAccountToken; remove one of the two.
            httpRequest: {bodyFrom: {}} | spec.httpRequest.bodyFrom must have one of configMapKeyRef and secretKeyRef, with name and key: name one.
            httpRequest: {bodyFrom: {secretKeyRef: {name: 's'}}} | spec.httpRequest.bodyFrom must have one of configMapKeyRef and secretKeyRef, with name and key: name one.
            httpRequest: {tls: {caFrom: {configMapKeyRef: {name: 'a', key: 'b'}, secretKeyRef: {name: 'a', key: 'b'}}}} | spec.httpRequest.tls.caFrom must have one of configMapKeyRef and secretKeyRef, with name and key: name one.
            httpRequest: {tls: {serverName: '10.0.0.1'}} | spec.httpRequest.tls.serverName is no DNS name: write the one that the target's certificate carries.
            httpRequest: {secretHeaders: [{name: 'Host', secretKeyRef: {name: 's', key: 'k'}}]} | spec.httpRequest.secretHeaders: Header Host is the operator's own to set; remove it.
            httpRequest: {secretHeaders: [{name: 'X-A', secretKeyRef: {name: 's'}}]} | spec.httpRequest.secretHeaders: Header X-A has no secretKeyRef; name a Secret and its key.
            httpRequest: {secretHeaders: [{name: 'authorization', secretKeyRef: {name: 's', key: 'k'}}], serviceAccountToken: {}} | spec.httpRequest has both serviceAccountToken and a secret Authorization: keep one.
            """)
    void aSpecThatCanNeverBeSentSaysWhatToChange(String spec, String sentence) {
        assertThat(SpecRules.problem(spec(spec))).contains(sentence);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {httpRequest: {}} | spec.queueRef.name is missing: name the TaskQueue.
            {queueRef: {}, httpRequest: {}} | spec.queueRef.name is missing: name the TaskQueue.
            {queueRef: {name: ''}, httpRequest: {}} | spec.queueRef.name is missing: name the TaskQueue.
            """)
    void whatACrdWouldHaveDemandedIsMissed(String spec, String sentence) {
        assertThat(SpecRules.problem(TestingTasks.read(spec, TaskSpec.class))).contains(sentence);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "scheduleTime: '2026-11-21T10:00:00.5+01:00', expireTime: '2026-11-22T09:00:00Z'",
                "delay: '1h30m', dispatchDeadline: '100ms', ttlAfterFinished: '0s'",
                "httpRequest: {path: '/', method: 'GET'}",
                "httpRequest: {path: '/~!$?a=%23&b', method: 'PUT', body: ''}",
                "httpRequest: {path: '/.well-known/a..b/...?x=/../'}",
                "httpRequest: {bodyBase64: 'YQ==', headers: {'X-A': 'b'}}",
                "httpRequest: {bodyFrom: {secretKeyRef: {name: 's', key: 'k'}}, tls: {serverName: 'a.example.com'}}",
                "httpRequest: {tls: {caFrom: {configMapKeyRef: {name: 's', key: 'k'}}}, secretHeaders: []}",
                "httpRequest: {secretHeaders: [{name: 'Authorization', secretKeyRef: {name: 's', key: 'k'}}]}",
            })
    void whatCanBeSentHasNoProblem(String spec) {
        assertThat(SpecRules.problem(spec(spec))).isEmpty();
    }

    @Test
    void aTaskWithoutARequestIsOneToItsQueuesTarget() {
        TaskSpec spec = TestingTasks.read("{queueRef: {name: 'q'}}", TaskSpec.class);
        assertThat(SpecRules.problem(spec)).isEmpty();
        assertThat(EffectiveRequest.of(spec, null).path()).isEqualTo("/");
    }

    @Test
    void aTaskMayBeDueAsFarAheadAsTheSettingSays() {
        assertThat(limit("", Duration.ofDays(30).plusSeconds(1))).isEmpty();
        Obstacle obstacle = limit("", Duration.ofDays(30).plusMillis(1001)).orElseThrow();
        assertThat(obstacle.reason()).isEqualTo(Obstacle.Reason.LimitExceeded);
        assertThat(obstacle.subject().kind()).isEqualTo(Obstacle.Kind.Setting);
        assertThat(obstacle.message())
                .isEqualTo(
                        "The Task is due more than 720h after its creation, less than a day too far ahead: choose an earlier"
                                + " time, or have the operator's TASKQUEUE_MAX_SCHEDULE_AHEAD (chart: settings.maxScheduleAhead) raised.");
        assertThat(limit("", Duration.ofDays(92)).orElseThrow().message()).contains(", 62 days too far ahead:");
        // They wait as one group.
        assertThat(limit("", Duration.ofDays(92).plusHours(7))).isEqualTo(limit("", Duration.ofDays(92)));
    }

    @Test
    void aDispatchDeadlineMayBeAsLongAsTheSettingSays() {
        assertThat(limit("dispatchDeadline: '30m'", Duration.ZERO)).isEmpty();
        Obstacle obstacle = limit("dispatchDeadline: '30m1ms'", Duration.ZERO).orElseThrow();
        assertThat(obstacle.reason()).isEqualTo(Obstacle.Reason.LimitExceeded);
        assertThat(obstacle.message())
                .isEqualTo(
                        "spec.dispatchDeadline is above 30m: lower it, "
                                + "or have the operator's TASKQUEUE_MAX_DISPATCH_DEADLINE (chart: settings.maxDispatchDeadline) raised.");
    }

    @ParameterizedTest
    @CsvSource({"x, 262142", "ä, 131071", "€, 87380", "😀, 65535"})
    void aJsonBodyMayHave256KibAsCompactBytes(String character, int count) {
        String fits = character.repeat(count) + "x".repeat(262_142 - count * character.getBytes(UTF_8).length);
        assertThat(limit("httpRequest: {json:   '" + fits + "'}", Duration.ZERO))
                .isEmpty();
        Optional<Obstacle> obstacle = limit("httpRequest: {json: '" + fits + "x'}", Duration.ZERO);
        assertThat(obstacle).map(Obstacle::reason).contains(Obstacle.Reason.LimitExceeded);
        assertThat(obstacle)
                .map(Obstacle::message)
                .contains(
                        "spec.httpRequest.json has 262145 bytes as compact JSON, at most 262144 are allowed: put it into a Secret or ConfigMap, and name that in bodyFrom of a new Task.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{dispatchCount: 1}", "{round: {number: 2, attempts: 0}}"})
    void aRetryOrARedriveMayComeLongAfterTheCreation(String status) {
        ObjectNode task = (ObjectNode) TestingTasks.task("a", 1);
        task.set("status", TestingTasks.json(status));
        Instant late = CREATED.plus(Duration.ofDays(40));
        assertThat(rules.limit(TaskReader.read(task), spec(""), late)).isEmpty();
        assertThat(rules.limit(TaskReader.read(TestingTasks.task("a", 1)), spec(""), late))
                .isPresent();
    }

    @Test
    void allTasksThatMeetALimitShareOneObstacle() {
        Obstacle one = limit("dispatchDeadline: '1h'", Duration.ZERO).orElseThrow();
        TaskObject other = TaskReader.read(TestingTasks.task("b", 1));
        TaskSpec spec = spec("dispatchDeadline: '1h'");
        assertThat(rules.limit(other, spec, CREATED)).contains(one);
    }

    private Optional<Obstacle> limit(String spec, Duration ahead) {
        TaskObject task = TaskReader.read(TestingTasks.task("a", 1, "", braces(spec)));
        return rules.limit(task, Objects.requireNonNull(task.spec()), CREATED.plus(ahead));
    }

    private static TaskSpec spec(String fields) {
        return TestingTasks.read(braces(fields), TaskSpec.class);
    }

    /** Completes a row with valid values for everything that it leaves out. */
    private static String braces(String fields) {
        String request = fields.contains("httpRequest") ? "" : ", httpRequest: {}";
        return "{queueRef: {name: 'q'}" + request + (fields.isEmpty() ? "" : ", " + fields) + "}";
    }
}
