package dev.taskqueue.dev;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.AppEngineHttpRequest;
import com.google.cloud.tasks.v2.HttpMethod;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.OidcToken;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.BatchObjectWriter;
import dev.taskqueue.gateway.mapping.ItemDraft;
import dev.taskqueue.gateway.mapping.MappingRules;
import dev.taskqueue.gateway.mapping.QueueSnapshot;
import dev.taskqueue.gateway.mapping.TaskLimits;
import dev.taskqueue.gateway.mapping.TaskObjectWriter;
import dev.taskqueue.operator.batch.BatchReader;
import dev.taskqueue.operator.batch.ItemList;
import dev.taskqueue.operator.batch.ItemListReader;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The operator sends every item that the gateway writes: one that it refused would end the whole batch. */
class GatewayItemsTest {
    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
    private static final Duration AHEAD = Duration.ofDays(30);
    private static final QueueSnapshot QUEUE = new QueueSnapshot("imports", "imports", true, false, null);
    private static final TaskObjectWriter WRITER = new TaskObjectWriter(
            MappingRules.everythingTo("shop"),
            new TaskLimits(AHEAD, Duration.ofMinutes(30)),
            (namespace, service) -> false,
            namespace -> {});
    /** Pieces of names and values that somebody may refuse. */
    private static final String[] PIECES = {
        "",
        "X-Row",
        "x-row",
        "Host",
        "Expect",
        "Upgrade",
        "TE",
        "Proxy-Foo",
        "X-CloudTasks-A",
        "X-Google-B",
        "Content-Type",
        "Authorization",
        " ",
        "\t",
        "\n",
        "\r",
        ":",
        "\u00e4",
        "\"",
        "a",
        "..",
        "%2e",
        "/",
        "?",
        "#",
        "~",
        "\u007f",
        "\u2028",
        "\ud83d\ude00",
        "&<>"
    };

    private final Random random = new Random(20261130);

    @Test
    void theOperatorRefusesNoItemOfTheGateway() {
        int items = 0;
        for (int i = 0; i < 5_000; i++) {
            Optional<ItemDraft> item = item(task());
            if (item.isPresent()) {
                items++;
                assertThat(read(item.get())).as(item.get().line()).isInstanceOf(ItemList.Result.Read.class);
            }
        }
        // Neither all nor nothing is refused.
        assertThat(items).isBetween(100, 4_900);
    }

    private static ItemList.Result read(ItemDraft item) {
        ObjectNode batch = BatchObjectWriter.write(
                "shop", "imports", "imports-1000000000000000", "request", item.template(), item.line());
        batch.withObjectProperty("metadata")
                .put("uid", "uid-1")
                .put("resourceVersion", "1")
                .put("creationTimestamp", NOW.toString());
        return ItemListReader.read(BatchReader.read(batch), batch.path("spec"), AHEAD);
    }

    private static Optional<ItemDraft> item(Task task) {
        try {
            return WRITER.item(task, QUEUE, "shop", NOW);
        } catch (RpcFailure refused) {
            return Optional.empty();
        }
    }

    private Task task() {
        var task = Task.newBuilder();
        if (random.nextInt(4) == 0) {
            task.setScheduleTime(Timestamp.newBuilder()
                    .setSeconds(NOW.getEpochSecond() + random.nextInt(40 * 86_400))
                    .setNanos(random.nextInt(1_000_000_000)));
        }
        ByteString body = ByteString.copyFrom(body());
        HttpMethod method = HttpMethod.forNumber(random.nextInt(8));
        if (random.nextBoolean()) {
            var request = HttpRequest.newBuilder()
                    .setUrl("http://worker/" + text(2))
                    .setHttpMethod(method)
                    .setBody(body);
            for (int i = random.nextInt(4); i > 0; i--) {
                request.putHeaders(text(1), text(3));
            }
            if (random.nextInt(4) == 0) {
                request.setOidcToken(OidcToken.newBuilder().setServiceAccountEmail("sender@shop.svc"));
            }
            return task.setHttpRequest(request).build();
        }
        var request = AppEngineHttpRequest.newBuilder()
                .setRelativeUri("/" + text(3))
                .setHttpMethod(method)
                .setBody(body);
        for (int i = random.nextInt(20); i > 0; i--) {
            request.putHeaders("X-" + i, random.nextInt(50) == 0 ? "v".repeat(4_090 + random.nextInt(12)) : "v");
        }
        return task.setAppEngineHttpRequest(request).build();
    }

    private byte[] body() {
        byte[] body = new byte[random.nextInt(3) == 0 ? 0 : random.nextInt(100)];
        random.nextBytes(body);
        if (random.nextInt(100) == 0) {
            return "\u20ac".repeat(21_800 + random.nextInt(100)).getBytes(UTF_8);
        }
        return random.nextBoolean() ? text(5).getBytes(UTF_8) : body;
    }

    private String text(int pieces) {
        var text = new StringBuilder();
        for (int i = random.nextInt(pieces + 1); i > 0; i--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }
}
