package dev.taskqueue.operator.kube;

import static dev.taskqueue.operator.testing.TestingTasks.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.domain.Sleeper;
import dev.taskqueue.operator.domain.WatchState;
import dev.taskqueue.operator.testing.TestingApiServer;
import dev.taskqueue.operator.testing.TestingApiServer.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectReflectorTest {
    private static final ThreadFactory THREADS = Thread.ofPlatform().daemon().factory();

    private static final String TASKS = "GET /apis/taskqueue.dev/v1beta1/namespaces/shop/tasks";
    private static final Step WATCH = answer -> answer.stream().hang();

    private final TestingApiServer server = new TestingApiServer();
    private final ApiClient api = server.api();
    private final TestingSink sink = new TestingSink();
    private final AtomicInteger pauses = new AtomicInteger();

    /** A reflector whose pauses are as short as possible. */
    private final ObjectReflector reflector = new ObjectReflector(
            api,
            "shop",
            sink,
            new ReflectorBackoff(
                    () -> {
                        pauses.incrementAndGet();
                        return 0;
                    },
                    Sleeper.SYSTEM),
            ObjectReflector.LONGEST_SILENCE);

    /** A backoff whose pauses only a test ends. */
    private final ReflectorBackoff hours = new ReflectorBackoff(
            Duration.ofHours(1),
            Duration.ofHours(1),
            () -> {
                pauses.incrementAndGet();
                return 0;
            },
            Sleeper.SYSTEM);

    ObjectReflectorTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        reflector.close();
        server.close();
    }

    @Test
    void aLongListComesInPages() throws InterruptedException {
        server.then(200, page(7, "next&1", "a@1", "b@2"))
                .then(200, page(7, "", "c@3"))
                .then(WATCH);
        assertThat(reflector.isSynced()).isFalse();
        reflector.start(THREADS);
        assertTold("seen a@1 in 1", "seen b@2 in 1", "seen c@3 in 1", "listed 1");
        assertThat(server.request()).hasToString(TASKS + "?limit=1000");
        assertThat(server.request()).hasToString(TASKS + "?limit=1000&continue=next%261");
        assertWatchedFrom(7);
        assertThat(reflector.isSynced()).isTrue();
    }

    @Test
    void theWatchTellsWhatHappens() throws InterruptedException {
        server.then(200, page(7, "", "a@1"))
                .then(answer -> answer.stream()
                        .line(event("ADDED", "b@8"))
                        .line("")
                        .line(event("MODIFIED", "b@9"))
                        .line(event("DELETED", "a@10"))
                        .hang());
        reflector.start(THREADS);
        assertTold("seen a@1 in 1", "listed 1", "seen b@8 in 1", "seen b@9 in 1", "deleted a");
    }

    @Test
    void aWatchThatFallsSilentIsTakenUpWhereItWas() throws InterruptedException {
        server.then(200, page(7, ""))
                .then(answer -> answer.stream().line(event("ADDED", "a@8")).hang())
                .then(WATCH);
        try (var impatient = new ObjectReflector(
                server.api(), "shop", sink, new ReflectorBackoff(() -> 0, Sleeper.SYSTEM), Duration.ofMillis(500))) {
            impatient.start(THREADS);
            assertTold("listed 1", "seen a@8 in 1");
            assertThat(server.request()).hasToString(TASKS + "?limit=1000");
            assertWatchedFrom(7);
            assertWatchedFrom(8);
        }
    }

    @Test
    void whatIsClosedStopsWatching() throws InterruptedException {
        var ended = new CountDownLatch(1);
        server.then(200, page(7, "")).then(answer -> {
            answer.stream().line(event("ADDED", "a@8"));
            answer.awaitHangUp();
            ended.countDown();
        });
        reflector.start(THREADS);
        assertTold("listed 1", "seen a@8 in 1");
        reflector.close();
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aWatchThatEndsIsTakenUpWhereItEnded() throws InterruptedException {
        server.then(200, page(7, ""))
                .then(answer -> answer.stream().line(event("ADDED", "a@8")))
                .then(answer -> answer.stream()
                        .line("{\"type\": \"BOOKMARK\", \"object\": {\"metadata\": {\"resourceVersion\": \"20\"}}}"))
                .then(WATCH);
        reflector.start(THREADS);
        assertTold("listed 1", "seen a@8 in 1");
        assertThat(server.request()).hasToString(TASKS + "?limit=1000");
        assertWatchedFrom(7);
        assertWatchedFrom(8);
        assertWatchedFrom(20);
    }

    @ParameterizedTest(name = "refused watch: {0}")
    @ValueSource(booleans = {true, false})
    void aWatchThatIsTooOldStartsWithANewList(boolean refused) throws InterruptedException {
        server.then(200, page(7, "", "a@1", "b@2"))
                .then(
                        refused
                                ? answer -> answer.json(410, "{}")
                                : answer -> answer.stream()
                                        .line(
                                                "{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"code\": 410}}")
                                        .hang())
                .then(200, page(30, "", "b@25"))
                .then(WATCH);
        reflector.start(THREADS);
        assertTold("seen a@1 in 1", "seen b@2 in 1", "listed 1", "seen b@25 in 2", "listed 2");
        assertThat(server.request()).hasToString(TASKS + "?limit=1000");
        assertWatchedFrom(7);
        assertThat(server.request()).hasToString(TASKS + "?limit=1000");
        assertWatchedFrom(30);
    }

    @Test
    void anotherErrorInTheWatchIsNoReasonForANewList() throws InterruptedException {
        server.then(200, page(7, ""))
                .then(answer -> answer.stream()
                        .line(event("ADDED", "a@8"))
                        .line("{\"type\": \"ERROR\", \"object\": {\"kind\": \"Status\", \"code\": 500}}")
                        .hang())
                .then(WATCH);
        reflector.start(THREADS);
        assertThat(server.request()).hasToString(TASKS + "?limit=1000");
        assertWatchedFrom(7);
        assertWatchedFrom(8);
    }

    @ParameterizedTest
    @CsvSource({"500", "503", "429", "403"})
    void aWatchThatIsRefusedIsTriedAgain(int code) throws InterruptedException {
        server.then(200, page(7, ""))
                .then(code, "{}")
                .then(code, "<html>")
                .then(answer -> answer.stream().line(event("ADDED", "a@8")).hang());
        reflector.start(THREADS);
        assertTold("listed 1", "seen a@8 in 1");
        assertThat(server.request()).hasToString(TASKS + "?limit=1000");
        assertWatchedFrom(7);
        assertWatchedFrom(7);
        assertWatchedFrom(7);
    }

    @Test
    void aConnectionThatDiesIsMadeAnew() throws InterruptedException {
        server.then(TestingApiServer.Answer::reset)
                .then(200, page(7, ""))
                .then(TestingApiServer.Answer::reset)
                .then(answer -> answer.stream().line(event("ADDED", "a@8")).reset())
                .then(answer -> answer.stream().line(event("ADDED", "b@9")).hang());
        reflector.start(THREADS);
        // A reset may overtake the line before it. Then the line comes again, as from a real server, or does not come
        // at all here.
        assertThat(sink.next()).isEqualTo("listed 2");
        String next = sink.next();
        assertThat(next.equals("seen a@8 in 2") ? sink.next() : next).isEqualTo("seen b@9 in 2");
    }

    @Test
    void aListThatFailsHalfWayStartsAnew() throws InterruptedException {
        server.then(200, page(7, "next", "a@1"))
                .then(410, "{}")
                .then(200, page(8, "next", "a@1"))
                .then(500, "{}")
                .then(200, page(9, "", "a@1"))
                .then(WATCH);
        reflector.start(THREADS);
        assertTold("seen a@1 in 1", "seen a@1 in 2", "seen a@1 in 3", "listed 3");
    }

    @Test
    void anObjectThatCannotBeReadStopsNoOther() throws InterruptedException {
        server.then(200, """
                        {"metadata": {"resourceVersion": "7"},
                         "items": [{}, {"metadata": {"name": "poison"}}, null, 17, %s]}""".formatted(object("a@1")))
                .then(answer -> answer.stream()
                        .line(
                                "{\"type\": \"ADDED\", \"object\": {\"metadata\": {\"name\": \"poison\", \"resourceVersion\": \"8\"}}}")
                        .line("{\"type\": \"DELETED\", \"object\": {\"metadata\": {\"resourceVersion\": \"9\"}}}")
                        .line("{\"type\": \"ADDED\"}")
                        .line(event("ADDED", "b@10"))
                        .hang());
        reflector.start(THREADS);
        assertTold("seen a@1 in 1", "listed 1", "seen b@10 in 1");
        assertThat(sink.isQuiet()).isTrue();
    }

    @Test
    void aLineThatIsNoJsonLeadsToANewList() throws InterruptedException {
        server.then(200, page(7, ""))
                .then(answer -> answer.stream()
                        .line("<html>")
                        .line(event("ADDED", "a@8"))
                        .hang())
                .then(200, page(9, "", "a@8"))
                .then(WATCH);
        reflector.start(THREADS);
        assertTold("listed 1", "seen a@8 in 2", "listed 2");
        server.request();
        assertWatchedFrom(7);
        server.request();
        assertWatchedFrom(9);
    }

    @Test
    void halfALineIsNoEvent() throws InterruptedException {
        server.then(200, page(7, ""))
                .then(answer -> {
                    String whole = event("ADDED", "a@8");
                    answer.stream().line(event("ADDED", "b@9")).write(whole.substring(0, whole.length() - 3));
                })
                .then(answer -> answer.stream().line(event("ADDED", "c@10")).hang());
        reflector.start(THREADS);
        assertTold("listed 1", "seen b@9 in 1", "seen c@10 in 1");
        server.request();
        assertWatchedFrom(7);
        assertWatchedFrom(9);
    }

    @Test
    void watchesThatEndAtOnceAreNotTakenUpAtOnce() throws InterruptedException {
        Step ended = TestingApiServer.Answer::stream;
        server.then(200, page(7, "")).then(ended).then(ended).then(WATCH);
        reflector.start(THREADS);
        server.request();
        assertWatchedFrom(7);
        assertWatchedFrom(7);
        assertWatchedFrom(7);
        assertThat(pauses).hasValue(2);
    }

    @Test
    void watchesThatAreAlwaysTooOldDoNotMakeListsWithoutAPause() throws InterruptedException {
        server.then(200, page(7, ""))
                .then(410, "{}")
                .then(200, page(8, ""))
                .then(410, "{}")
                .then(200, page(9, ""))
                .then(WATCH);
        reflector.start(THREADS);
        assertTold("listed 1", "listed 2", "listed 3");
        assertThat(pauses).hasValue(2);
    }

    @Test
    void afterAWatchThatWasHeardAndIsTooOldANewListFollowsAtOnce() throws InterruptedException {
        server.then(200, page(7, ""))
                .then(answer -> answer.stream().line(event("ADDED", "a@8")))
                .then(410, "{}")
                .then(200, page(30, "", "a@8"))
                .then(WATCH);
        reflector.start(THREADS);
        assertTold("listed 1", "seen a@8 in 1", "seen a@8 in 2", "listed 2");
        assertThat(pauses).hasValue(0);
    }

    @Test
    void whoRestsBecauseNobodyAnswersIsWokenOnceSomebodyDoes() throws InterruptedException {
        server.then(500, "{}").then(200, page(7, "")).then(WATCH);
        try (var patient = new ObjectReflector(server.api(), "shop", sink, hours, ObjectReflector.LONGEST_SILENCE)) {
            patient.start(THREADS);
            awaitPauses(1);
            patient.wake();
            assertTold("listed 2");
        }
    }

    @Test
    void whoIsRefusedAgainAndAgainSaysSoUntilItIsAnswered() throws InterruptedException {
        server.then(403, "{}").then(403, "{}").then(403, "{}").then(403, "{}");
        server.then(200, page(7, "")).then(WATCH);
        try (var patient = new ObjectReflector(server.api(), "shop", sink, hours, ObjectReflector.LONGEST_SILENCE)) {
            patient.start(THREADS);
            for (int refusals = 1; refusals < 4; refusals++) {
                awaitPauses(refusals);
                assertThat(patient.refusal()).isEmpty();
                hours.wake();
            }
            awaitPauses(4);
            assertThat(patient.refusal()).contains(new WatchState.Refusal("list", "tasks.taskqueue.dev", 403));
            assertThat(patient.isSynced()).isFalse();
            hours.wake();
            assertTold("listed 5");
            await().until(() -> patient.refusal().isEmpty());
        }
    }

    private void awaitPauses(int count) {
        await().until(() -> pauses.get() == count);
    }

    @Test
    void whoHasSeenAVersionHasCaughtUp() throws InterruptedException {
        server.then(200, page(7, ""))
                .then(answer -> answer.stream().line(event("ADDED", "a@12")).hang());
        reflector.start(THREADS);
        assertTold("listed 1", "seen a@12 in 1");
        reflector.catchUp(12);
        assertThat(sink.isQuiet()).isTrue();
    }

    @Test
    void whoseWatchTellsNothingCatchesUpByANewList() throws InterruptedException {
        server.then(200, page(7, "", "a@1"))
                .then(WATCH)
                .then(200, page(12, "", "a@9"))
                .then(WATCH);
        reflector.start(THREADS);
        assertTold("seen a@1 in 1", "listed 1");
        server.request();
        assertWatchedFrom(7);
        reflector.catchUp(12);
        assertTold("seen a@9 in 2", "listed 2");
        server.request();
        assertWatchedFrom(12);
    }

    /** The list is slow: a list of 100,000 Tasks takes half a minute. */
    @Test
    void whoFollowsManyTasksCatchesUpByTheBookmarkOfAShortWatch() throws InterruptedException {
        String[] many = IntStream.range(0, 2_001).mapToObj(i -> "t" + i + "@1").toArray(String[]::new);
        server.then(200, page(7, "", many))
                .then(WATCH)
                .then(answer -> answer.stream()
                        .line("{\"type\": \"BOOKMARK\", \"object\": {\"metadata\": {\"resourceVersion\": \"20\"}}}")
                        .hang());
        reflector.start(THREADS);
        for (int i = 0; i < many.length; i++) {
            sink.next();
        }
        assertTold("listed 1");
        server.request();
        assertWatchedFrom(7);
        reflector.catchUp(12);
        assertThat(server.request().toString()).contains("&timeoutSeconds=3&").endsWith("&resourceVersion=7");
        assertThat(sink.isQuiet()).isTrue();
    }

    @Test
    void whoAsksForAVersionThatWasNotSeenMakesTheWatchGoThere() throws InterruptedException {
        server.then(200, page(7, ""))
                .then(answer -> answer.stream().line(event("ADDED", "a@8")).hang())
                .then(200, page(12, "", "a@11"))
                .then(WATCH);
        reflector.start(THREADS);
        assertTold("listed 1", "seen a@8 in 1");
        await().until(() -> reflector.hasSeen(8));
        assertThat(reflector.hasSeen(12)).isFalse();
        assertTold("seen a@11 in 2", "listed 2");
        await().until(() -> reflector.hasSeen(12));
    }

    @Test
    void aWatchThatDoesNotShowAnOwnWriteBeginsAgain() throws InterruptedException {
        server.then(200, page(7, ""))
                .then(answer -> answer.stream().line(event("ADDED", "a@8")).hang())
                .then(answer -> answer.stream().line(event("MODIFIED", "a@9")).hang());
        reflector.start(THREADS);
        assertTold("listed 1", "seen a@8 in 1");
        server.request();
        assertWatchedFrom(7);
        written("shop", 9);
        written("bank", 11);
        checkSilence(30);
        assertThat(sink.isQuiet()).isTrue();
        checkSilence(1);
        assertWatchedFrom(8);
        assertTold("seen a@9 in 1");
        await().until(() -> reflector.hasSeen(9));
        checkSilence(100);
        assertThat(sink.isQuiet()).isTrue();
    }

    private void written(String namespace, long version) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.putObject("metadata").put("resourceVersion", Long.toString(version));
        api.acknowledged(namespace, answer);
    }

    private void checkSilence(int seconds) {
        for (int i = 0; i < seconds; i++) {
            reflector.checkSilence();
        }
    }

    @Test
    void aListThatIsTooOldItselfIsNotEnough() throws InterruptedException {
        server.then(200, page(7, ""))
                .then(WATCH)
                .then(200, page(11, ""))
                .then(200, page(12, ""))
                .then(WATCH);
        reflector.start(THREADS);
        assertTold("listed 1");
        server.request();
        assertWatchedFrom(7);
        reflector.catchUp(12);
        assertTold("listed 2", "listed 3");
    }

    @Test
    void whoCatchesUpIsToldWhenNothingIsFollowedAnyMore() throws InterruptedException {
        server.then(200, page(7, "")).then(WATCH).then(WATCH);
        reflector.start(THREADS);
        assertTold("listed 1");
        server.request();
        assertWatchedFrom(7);
        Thread.ofVirtual().start(reflector::close);
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> reflector.catchUp(12));
    }

    private void assertTold(String... expected) throws InterruptedException {
        for (String next : expected) {
            assertThat(sink.next()).isEqualTo(next);
        }
    }

    private void assertWatchedFrom(int version) throws InterruptedException {
        assertThat(server.request().toString())
                .startsWith(TASKS + "?watch=true&allowWatchBookmarks=true&")
                .endsWith("&resourceVersion=" + version);
    }

    /** The objects, as {@code NAME@VERSION}. */
    private static String page(int version, String next, String... objects) {
        return "{\"metadata\": {\"resourceVersion\": \"%d\", \"continue\": \"%s\"}, \"items\": [%s]}"
                .formatted(
                        version,
                        next,
                        Stream.of(objects).map(ObjectReflectorTest::object).collect(Collectors.joining(",")));
    }

    private static String event(String type, String object) {
        return "{\"type\": \"%s\", \"object\": %s}".formatted(type, object(object));
    }

    private static String object(String nameAndVersion) {
        String[] parts = nameAndVersion.split("@", 2);
        return task(parts[0], Long.parseLong(parts[1])).toString();
    }
}
