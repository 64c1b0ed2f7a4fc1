package dev.taskqueue.gateway.mapping;

import static dev.taskqueue.gateway.mapping.MappedTasks.APP_ENGINE;
import static dev.taskqueue.gateway.mapping.MappedTasks.NOW;
import static dev.taskqueue.gateway.mapping.MappedTasks.PLAIN;
import static dev.taskqueue.gateway.mapping.MappedTasks.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.AppEngineHttpRequest;
import com.google.cloud.tasks.v2.AppEngineRouting;
import com.google.cloud.tasks.v2.HttpMethod;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.OidcToken;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.ByteString;
import com.google.protobuf.util.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks as items of a TaskBatch, what an item cannot carry, and what comes back. */
class ItemWriterTest {
    private static final TaskObjectWriter WRITER = new TaskObjectWriter(
            ((MappingReader.Reading.Valid) MappingReader.read("""
                    appEngine: [{namespace: shop, service: worker, version: v2, serviceRef: {name: worker-v2, port: http}}]
                    oidcLocalPart: true
                    """)).rules(),
            new TaskLimits(Duration.ofDays(30), Duration.ofMinutes(30)),
            (n, s) -> false,
            n -> {});
    private static final String BATCH = ItemName.batch("orders", ItemName.LEAST_NUMBER);

    private static Optional<ItemDraft> item(Consumer<HttpRequest.Builder> change) {
        var http = HttpRequest.newBuilder().setUrl("http://order-worker/a?b=c");
        change.accept(http);
        return WRITER.item(Task.newBuilder().setHttpRequest(http).build(), PLAIN, "shop", NOW);
    }

    private static Task back(ItemDraft draft) {
        String lines = "{\"path\":\"/other\"}\n" + draft.line();
        ObjectNode batch = BatchObjectWriter.write("shop", "orders", BATCH, "request", draft.template(), lines);
        ObjectNode task = new BatchItemReader(batch).task(1).orElseThrow();
        return TaskMessageWriter.write(task, QUEUE, Task.View.FULL);
    }

    private static Task alone(ItemDraft draft) {
        return TaskMessageWriter.write(
                draft.written(new ItemName(BATCH, 1), ObjectJson.object()), QUEUE, Task.View.FULL);
    }

    @Test
    void pathHeadersAndBodyAreTheItemsAndTheRestIsTheTemplates() {
        ItemDraft draft = item(http ->
                        http.setBody(ByteString.copyFromUtf8("row \"1\"\n")).putHeaders("X-Row", "1"))
                .orElseThrow();
        assertThat(draft.line())
                .isEqualTo("{\"path\":\"/a?b=c\",\"headers\":{\"X-Row\":\"1\"},\"body\":\"row \\\"1\\\"\\n\"}\n");
        assertThat(draft.template().spec())
                .hasToString("{\"httpRequest\":{\"serviceRef\":{\"name\":\"order-worker\",\"port\":80},"
                        + "\"scheme\":\"HTTP\",\"method\":\"POST\"}}");
        assertThat(draft.template().annotations())
                .hasToString("{\"gateway.taskqueue.dev/url-prefix\":\"http://order-worker\"}");
    }

    @Test
    void bytesThatAreNoTextAreBase64() {
        ItemDraft draft = item(http -> http.setBody(ByteString.copyFrom(new byte[] {0, -1})))
                .orElseThrow();
        assertThat(draft.line()).contains("\"bodyBase64\":\"AP8=\"");
        assertThat(back(draft).getHttpRequest().getBody().toByteArray()).containsExactly(0, -1);
    }

    @Test
    void tasksThatDifferInTheirOwnPartsHaveEqualTemplates() {
        assertThat(item(http -> http.setUrl("http://order-worker/x").setBody(ByteString.copyFromUtf8("1")))
                        .orElseThrow()
                        .template())
                .isEqualTo(item(http -> http.putHeaders("X-Row", "1"))
                        .orElseThrow()
                        .template())
                .isNotEqualTo(item(http -> http.setHttpMethod(HttpMethod.PUT))
                        .orElseThrow()
                        .template())
                .isNotEqualTo(item(http -> http.setUrl("http://other-worker/"))
                        .orElseThrow()
                        .template())
                .isNotEqualTo(item(http -> http.setOidcToken(OidcToken.newBuilder()
                                .setServiceAccountEmail("sa@demo.iam.gserviceaccount.com")
                                .setAudience("a")))
                        .orElseThrow()
                        .template());
    }

    @Test
    void aTaskComesBackOfItsBatchAsItWasGiven() {
        var random = new Random(20261130);
        for (int i = 0; i < 2_000; i++) {
            ItemDraft draft = WRITER.item(task(random), APP_ENGINE, "shop", NOW).orElseThrow();
            assertThat(back(draft)).isEqualTo(alone(draft));
        }
    }

    private static Task task(Random random) {
        var task = Task.newBuilder();
        if (random.nextBoolean()) {
            task.setDispatchDeadline(Durations.fromSeconds(15 + random.nextInt(60)));
        }
        if (random.nextBoolean()) {
            task.setScheduleTime(ProtoTimes.timestamp(NOW.plusMillis(random.nextInt(80_000_000))));
        }
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        ByteString body = random.nextBoolean()
                ? ByteString.copyFrom(bytes)
                : ByteString.copyFromUtf8("{\"a\": \"b\\n\u2028\u00e4<&>\"}\r\n\t\u0001");
        if (random.nextInt(4) == 0) {
            return task.setAppEngineHttpRequest(AppEngineHttpRequest.newBuilder()
                            .setRelativeUri("/rows/" + random.nextInt(9))
                            .setAppEngineRouting(AppEngineRouting.newBuilder()
                                    .setService("worker")
                                    .setVersion("v2"))
                            .setBody(body))
                    .build();
        }
        var http = HttpRequest.newBuilder()
                .setUrl("https://order-worker.shop.svc/a/" + random.nextInt(9)
                        + (random.nextBoolean() ? "?q=\"%20" : ""))
                .putHeaders("X-Row", "v\t" + random.nextInt(9))
                .setBody(body);
        if (random.nextBoolean()) {
            http.setOidcToken(OidcToken.newBuilder().setServiceAccountEmail("sa@demo.iam.gserviceaccount.com"));
        }
        return task.setHttpRequest(http).build();
    }

    static Stream<Consumer<HttpRequest.Builder>> tooMuch() {
        return Stream.of(
                http -> http.setBody(ByteString.copyFromUtf8("x".repeat(65_537))),
                http -> http.setBody(ByteString.copyFromUtf8("\u20ac".repeat(21_846))),
                http -> http.setBody(ByteString.copyFrom(new byte[65_537])),
                http -> IntStream.range(0, 17).forEach(i -> http.putHeaders("X-" + i, "1")),
                http -> http.putHeaders("X-Long", "x".repeat(4_097)),
                http -> http.putHeaders("X".repeat(129), "1"),
                http -> http.putHeaders("X Row", "1"),
                http -> http.putHeaders("", "1"),
                http -> http.putHeaders("X-Row", " 1"),
                http -> http.putHeaders("X-Row", "1\t"),
                http -> http.putHeaders("X-Row", "\u00e4"),
                http -> http.putHeaders("X-Row", "1\n2"),
                http -> http.setOidcToken(OidcToken.newBuilder().setServiceAccountEmail("sa@" + "x".repeat(1_022))),
                http -> http.putHeaders("X-Row", "1").putHeaders("x-row", "2"));
    }

    @ParameterizedTest
    @MethodSource("tooMuch")
    void whatAnItemCannotCarryIsNone(Consumer<HttpRequest.Builder> change) {
        assertThat(item(change)).isEmpty();
    }

    static Stream<Consumer<HttpRequest.Builder>> theMost() {
        return Stream.of(
                http -> http.setBody(ByteString.copyFromUtf8("x".repeat(65_536))),
                http -> http.setBody(ByteString.copyFrom(new byte[65_536])),
                http -> IntStream.range(0, 16).forEach(i -> http.putHeaders("X-" + i, "x".repeat(4_096))),
                http -> http.putHeaders("X-Row", "").putHeaders("Authorization", "Basic 1"));
    }

    @ParameterizedTest
    @MethodSource("theMost")
    void theMostThatAnItemCarriesIsOne(Consumer<HttpRequest.Builder> change) {
        assertThat(item(change)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a/../b", "/a/%2e", "/a b", "/a#b", "/\u00e4"})
    void aPathThatTheOperatorRefusesIsNone(String uri) {
        assertThat(WRITER.item(
                        Task.newBuilder()
                                .setAppEngineHttpRequest(
                                        AppEngineHttpRequest.newBuilder().setRelativeUri(uri))
                                .build(),
                        APP_ENGINE,
                        "shop",
                        NOW))
                .isEmpty();
    }

    @Test
    void aTaskThatIsDueMuchLaterThanOthersIsNone() {
        assertThat(at(NOW.plus(Duration.ofDays(1)))).isPresent();
        assertThat(at(NOW.plus(Duration.ofDays(1)).plusMillis(1))).isEmpty();
    }

    private static Optional<ItemDraft> at(Instant time) {
        return WRITER.item(
                Task.newBuilder()
                        .setScheduleTime(ProtoTimes.timestamp(time))
                        .setHttpRequest(HttpRequest.newBuilder().setUrl("http://order-worker/"))
                        .build(),
                PLAIN,
                "shop",
                NOW);
    }

    @Test
    void anIdLeadsBackToItsItem() {
        var item = new ItemName(BATCH, 999);
        assertThat(ItemName.parse(new TaskName(QUEUE, item.toString()))).contains(item);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "7304985612340987654",
                "orders-1000000000000000-1000",
                "orders-1000000000000000-01",
                "orders-0000000000000000-1",
                "orders-1000000000000000",
                "imports-1000000000000000-1",
                "orders-42"
            })
    void otherIdsAreNoItems(String id) {
        assertThat(ItemName.parse(new TaskName(QUEUE, id))).isEmpty();
    }
}
