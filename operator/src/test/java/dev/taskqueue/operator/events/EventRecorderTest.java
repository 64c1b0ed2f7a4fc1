package dev.taskqueue.operator.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.taskqueue.operator.domain.Occurrence;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.kube.EventWriter;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventRecorderTest {
    private static final QueueId MAIL = new QueueId("shop", "mail");
    private static final Instant START = Instant.parse("2026-11-21T09:00:00.123456789Z");

    private final List<JsonNode> created = new ArrayList<>();
    private final List<String> patched = new ArrayList<>();
    private Duration passed = Duration.ZERO;
    private boolean leads = true;
    private int code = 201;
    private int requests;

    private final EventRecorder events = new EventRecorder(
            new EventWriter() {
                @Override
                public int create(String namespace, String event) throws IOException {
                    requests++;
                    if (code == 201) {
                        created.add(new ObjectMapper().readTree(event));
                    }
                    if (code == 0) {
                        throw new IOException("no answer");
                    }
                    return code;
                }

                @Override
                public int patch(String namespace, String name, String patch) {
                    requests++;
                    patched.add(patch);
                    return code == 201 ? 200 : code;
                }
            },
            () -> leads,
            new Clocks(() -> START.plus(passed), () -> passed.toNanos()),
            "operator-1");

    @Test
    void anEventNamesItsObjectAndSaysWhatHappened() {
        events.report(failed("a"));
        events.flush();
        JsonNode event = created.getFirst();
        assertThat(event.path("apiVersion").asText()).isEqualTo("events.k8s.io/v1");
        assertThat(event.path("metadata").path("namespace").asText()).isEqualTo("shop");
        assertThat(event.path("metadata").path("name").asText()).matches("a\\.[0-9a-f]+");
        assertThat(event.path("eventTime").asText()).isEqualTo("2026-11-21T09:00:00.123456Z");
        assertThat(event.path("regarding").toString())
                .isEqualTo(
                        "{\"apiVersion\":\"taskqueue.dev/v1beta1\",\"kind\":\"Task\",\"namespace\":\"shop\",\"name\":\"a\",\"uid\":\"uid-a\"}");
        assertThat(event.path("type").asText()).isEqualTo("Warning");
        assertThat(event.path("reason").asText()).isEqualTo("RetriesExhausted");
        assertThat(event.path("note").asText()).isEqualTo("The worker answered 500.");
        assertThat(event.path("reportingController").asText()).isEqualTo("taskqueue.dev/operator");
        assertThat(event.path("reportingInstance").asText()).isEqualTo("operator-1");
    }

    @Test
    void aQueueHasTenEventsAMinuteAndTheRestIsCountedInTheTenth() {
        events.queueIs(MAIL, "uid-mail");
        for (int i = 0; i < 60; i++) {
            events.report(failed("t" + i));
        }
        events.flush();
        assertThat(created).hasSize(9);
        passed = Duration.ofSeconds(61);
        events.flush();
        assertThat(created).hasSize(10);
        JsonNode rest = created.getLast();
        assertThat(rest.at("/regarding/kind").asText()).isEqualTo("TaskQueue");
        assertThat(rest.at("/regarding/uid").asText()).isEqualTo("uid-mail");
        assertThat(rest.path("note").asText())
                .isEqualTo("51 more within a minute, which have no Event of their own: RetriesExhausted 51.");
        events.report(failed("next"));
        events.flush();
        assertThat(created).hasSize(11);
    }

    @Test
    void otherQueuesHaveTheirOwnEvents() {
        for (int i = 0; i < 60; i++) {
            events.report(failed("t" + i));
        }
        events.report(throttled("other"));
        events.flush();
        assertThat(created)
                .extracting(event -> event.at("/regarding/name").asText())
                .contains("other");
    }

    @Test
    void theSameAgainIsCountedInItsEvent() {
        events.report(throttled("mail"));
        events.flush();
        passed = Duration.ofMinutes(2);
        events.report(throttled("mail"));
        events.flush();
        assertThat(created).hasSize(1);
        assertThat(patched)
                .containsExactly("{\"series\":{\"count\":2,\"lastObservedTime\":\"2026-11-21T09:02:00.123456Z\"}}");
        passed = Duration.ofMinutes(20);
        events.report(throttled("mail"));
        events.flush();
        assertThat(created).hasSize(2);
    }

    @Test
    void anEventThatIsGoneIsMadeAnew() {
        events.report(throttled("mail"));
        events.flush();
        events.report(throttled("mail"));
        code = 404;
        events.flush();
        code = 201;
        events.report(throttled("mail"));
        events.flush();
        assertThat(requests).isEqualTo(4);
    }

    @Test
    void onlyTheLeaderWrites() {
        leads = false;
        events.report(failed("a"));
        events.flush();
        leads = true;
        events.flush();
        assertThat(requests).isZero();
    }

    @Test
    void whatTheApiServerRefusesIsDroppedAndTheNamespaceIsLeftAlone() {
        code = 403;
        events.report(failed("a"));
        events.report(failed("b"));
        events.flush();
        assertThat(requests).isEqualTo(1);
        code = 201;
        passed = Duration.ofMinutes(6);
        events.report(failed("c"));
        events.flush();
        assertThat(created).hasSize(1);
    }

    @Test
    void aLostAnswerIsNotRepeated() {
        code = 0;
        events.report(failed("a"));
        events.flush();
        events.flush();
        assertThat(requests).isEqualTo(1);
    }

    @Test
    void whatWaitsIsBounded() {
        for (int i = 0; i < 100_000; i++) {
            events.report(new Occurrence(
                    new Occurrence.Subject(Occurrence.Kind.TaskQueue, "shop", "q" + i, "uid"),
                    new QueueId("shop", "q" + i),
                    true,
                    "Overloaded",
                    "Throttle",
                    "Slow."));
        }
        for (int second = 0; second < 200; second++) {
            events.flush();
        }
        assertThat(requests).isLessThanOrEqualTo(1_000);
    }

    @Test
    void freeTextIsOnOneLineWithoutControlCharactersAndNotTooLong() {
        String text = "Held: a\u001b[31m\u202e\nb" + "ü".repeat(2_000);
        events.report(new Occurrence(
                new Occurrence.Subject(Occurrence.Kind.TaskQueue, "shop", "x".repeat(253), "uid"),
                MAIL,
                false,
                "Held",
                "Hold",
                text));
        events.flush();
        JsonNode event = created.getFirst();
        String note = event.path("note").asText();
        assertThat(note).startsWith("Held: a [31m b").endsWith("...").doesNotContainPattern("\\p{Cc}|\\p{Cf}");
        assertThat(note.getBytes(java.nio.charset.StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(1024);
        assertThat(event.at("/metadata/name").asText()).hasSizeLessThanOrEqualTo(253);
        assertThat(event.path("type").asText()).isEqualTo("Normal");
    }

    private static Occurrence failed(String task) {
        return new Occurrence(
                new Occurrence.Subject(Occurrence.Kind.Task, "shop", task, "uid-" + task),
                MAIL,
                true,
                "RetriesExhausted",
                "Deliver",
                "The worker answered 500.");
    }

    private static Occurrence throttled(String queue) {
        return new Occurrence(
                new Occurrence.Subject(Occurrence.Kind.TaskQueue, "shop", queue, "uid-" + queue),
                new QueueId("shop", queue),
                true,
                "Overloaded",
                "Throttle",
                "Slow.");
    }
}
