package dev.taskqueue.operator.simulation.apiserver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests what only a simulation can do with a server, or what takes a real one too long. */
class SimulatedWorldTest {
    private static final String TASKS = "/apis/taskqueue.dev/v1beta1/namespaces/shop/tasks";
    private static final int HISTORY = 10;

    private Instant now = Instant.parse("2026-01-01T00:00:00.700Z");
    private final SimulatedApiServer server = new SimulatedApiServer(() -> now, new SplittableRandom(7), HISTORY);

    @BeforeEach
    void createNamespace() {
        send("POST", "/api/v1/namespaces", "{'metadata':{'name':'shop'}}");
    }

    @Test
    void aStaleReadShowsAnOlderVersion() {
        long empty = server.version();
        JsonNode created = create("a");
        label("a", "one");
        long one = server.version();
        send("DELETE", TASKS + "/a", "");
        assertThat(asOf(TASKS + "/a", empty).code()).isEqualTo(404);
        assertThat(json(asOf(TASKS + "/a", version(created)))).isEqualTo(created);
        assertThat(json(asOf(TASKS + "/a", one)).at("/metadata/labels/l").asText())
                .isEqualTo("one");
        assertThat(json(asOf(TASKS, one)).path("items")).hasSize(1);
        assertThat(version(json(asOf(TASKS, one)))).isEqualTo(one);
        assertThat(asOf(TASKS + "/a", server.version()).code()).isEqualTo(404);
        assertThat(json(asOf(TASKS, server.version())).path("items")).isEmpty();
    }

    @Test
    void aStaleReadThatRequiresANewerVersionShowsThat() {
        JsonNode created = create("a");
        label("a", "one");
        String path = TASKS + "/a";
        var request = request("GET", path, Map.of("resourceVersion", Long.toString(server.version())), "");
        ApiAnswer answer = server.handleAsOf(request, version(created));
        assertThat(json(answer).at("/metadata/labels/l").asText()).isEqualTo("one");
    }

    @Test
    void aStaleReadSeesNoVersionThatIsForgotten() {
        create("a");
        long first = server.version();
        for (int i = 0; i < 2 * HISTORY; i++) {
            label("a", "n" + i);
        }
        JsonNode oldest = json(asOf(TASKS + "/a", first));
        assertThat(oldest.at("/metadata/labels/l").asText()).isEqualTo("n" + (HISTORY - 1));
    }

    @Test
    void pagesEndWith410OnceTheirVersionIsForgotten() {
        create("a");
        create("b");
        String next = json(list(Map.of("limit", "1"))).at("/metadata/continue").asText();
        assertThat(list(Map.of("continue", next)).code()).isEqualTo(200);
        for (int i = 0; i <= HISTORY; i++) {
            label("a", "n" + i);
        }
        assertThat(list(Map.of("continue", next)).code()).isEqualTo(410);
    }

    @Test
    void aWatchThatIsTooSlowGets410AndEnds() {
        ServerWatch watch = watch(server.version());
        create("a");
        for (int i = 0; i < HISTORY; i++) {
            label("a", "n" + i);
        }
        assertThat(lines(watch)).hasSize(1).first().asString().contains("ERROR", "410");
        assertThat(watch.isEnded()).isTrue();
    }

    @Test
    void aWatchOfAQuietNamespaceIsNeverTooSlow() {
        send("POST", "/api/v1/namespaces", "{'metadata':{'name':'quiet'}}");
        ServerWatch watch = watch(TASKS.replace("shop", "quiet"), server.version());
        create("a");
        for (int i = 0; i < 2 * HISTORY; i++) {
            label("a", "n" + i);
        }
        assertThat(lines(watch)).isEmpty();
        send("POST", TASKS.replace("shop", "quiet"), task("b"));
        assertThat(lines(watch)).hasSize(1);
    }

    @Test
    void aWatchCountsWhatItHasAndItsBookmarkCoversOnlyWhatWasRead() {
        ServerWatch watch = watch(server.version());
        var calls = new ArrayList<Integer>();
        watch.onLine(() -> calls.add(watch.pending()));
        long created = version(create("a"));
        label("a", "one");
        assertThat(calls).containsExactly(1, 2);
        assertThat(watch.poll()).isNotNull();
        assertThat(watch.pending()).isEqualTo(1);
        assertThat(bookmark(watch)).isEqualTo(created);
        assertThat(watch.poll()).isNotNull();
        send("POST", "/api/v1/namespaces", "{'metadata':{'name':'other'}}");
        assertThat(bookmark(watch)).isEqualTo(server.version());
    }

    @Test
    void aRestartEndsWatchesAndKeepsData() {
        long before = server.version();
        ServerWatch watch = watch(before);
        var calls = new ArrayList<String>();
        watch.onLine(() -> calls.add("called"));
        create("a");
        server.restart();
        assertThat(watch.isEnded()).isTrue();
        assertThat(watch.poll()).isNull();
        assertThat(calls).hasSize(2);
        assertThat(lines(watch(before))).singleElement().asString().contains("410");
        assertThat(lines(watch(server.version()))).isEmpty();
        assertThat(server.count("Task")).isEqualTo(1);
    }

    @Test
    void aRestoredSnapshotBringsBackObjectsAndVersions() {
        JsonNode created = create("a");
        Snapshot backup = server.snapshot();
        label("a", "one");
        create("b");
        long later = server.version();
        server.restore(backup);
        assertThat(server.version()).isEqualTo(backup.version()).isLessThan(later);
        assertThat(json(send("GET", TASKS + "/a", ""))).isEqualTo(created);
        assertThat(server.count("Task")).isEqualTo(1);
        ServerWatch future = watch(later);
        label("a", "two");
        assertThat(future.bookmark()).isNull();
        assertThat(lines(future))
                .as("the versions until %d are those of other changes", later)
                .isEmpty();
        for (int i = 0; server.version() < later; i++) {
            label("a", "n" + i);
        }
        label("a", "new");
        assertThat(lines(future)).singleElement().asString().contains("\"l\":\"new\"");
    }

    @Test
    void aSnapshotCanBeRestoredTwice() {
        create("a");
        Snapshot backup = server.snapshot();
        server.restore(backup);
        create("b");
        server.restore(backup);
        assertThat(server.objects("Task").map(task -> task.at("/metadata/name").asText()))
                .containsExactly("a");
    }

    @Test
    void compactionSparesWatchesThatHaveReadAll() {
        ServerWatch slow = watch(server.version());
        create("a");
        ServerWatch quick = watch(server.version());
        server.compact();
        label("a", "one");
        assertThat(lines(quick)).singleElement().asString().contains("MODIFIED");
        assertThat(lines(slow)).singleElement().asString().contains("410");
    }

    @Test
    void aPolicyRefusesWritesOnly() {
        server.admission("freeze", request -> ApiAnswer.refusal(403, "Forbidden", "frozen"));
        assertThat(send("POST", TASKS, task("a")).code()).isEqualTo(403);
        assertThat(list(Map.of()).code()).isEqualTo(200);
        server.removeAdmission("freeze");
        assertThat(send("POST", TASKS, task("a")).code()).isEqualTo(201);
    }

    @Test
    void eachStoredChangeIsToldOnceWithItsAuthor() {
        var told = new ArrayList<String>();
        server.onChange(change -> told.add(change.user() + " " + change.change() + " " + change.kind() + " "
                + change.object().at("/metadata/resourceVersion").asText().equals(Long.toString(change.version()))));
        create("a");
        label("a", "one");
        label("a", "one");
        send("DELETE", TASKS + "/a", "");
        send("DELETE", TASKS + "/a", "");
        assertThat(told).containsExactly("me Created Task true", "me Changed Task true", "me Deleted Task true");
    }

    @Test
    void timesAreThoseOfTheClockInWholeSeconds() {
        ApiAnswer answer = send("POST", TASKS, task("a"));
        assertThat(json(answer).at("/metadata/creationTimestamp").asText()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(answer.headers()).containsEntry("Date", "Thu, 01 Jan 2026 00:00:00 GMT");
        now = now.plusSeconds(61);
        JsonNode changed = json(label("a", "one"));
        assertThat(changed.at("/metadata/creationTimestamp").asText()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(changed.at("/metadata/managedFields/0/time").asText()).isEqualTo("2026-01-01T00:01:01Z");
    }

    @Test
    void theSameSeedGivesTheSameAnswers() {
        var one = new SimulatedApiServer(() -> now, new SplittableRandom(3));
        var other = new SimulatedApiServer(() -> now, new SplittableRandom(3));
        var request = request("POST", "/api/v1/namespaces", Map.of(), "{'metadata':{'generateName':'n-'}}");
        for (int i = 0; i < 10; i++) {
            assertThat(one.handle(request).body())
                    .isEqualTo(other.handle(request).body());
        }
    }

    private JsonNode create(String name) {
        return json(send("POST", TASKS, task(name)));
    }

    private ApiAnswer label(String name, String value) {
        return send("PATCH", TASKS + "/" + name, "{'metadata':{'labels':{'l':'" + value + "'}}}");
    }

    private static String task(String name) {
        return "{'apiVersion':'taskqueue.dev/v1beta1','kind':'Task','metadata':{'name':'" + name
                + "'},'spec':{'queueRef':{'name':'q'},'httpRequest':{'serviceRef':{'name':'w'}}}}";
    }

    private ApiAnswer send(String method, String path, String json) {
        return server.handle(request(method, path, Map.of(), json));
    }

    private ApiAnswer list(Map<String, String> query) {
        return server.handle(request("GET", TASKS, query, ""));
    }

    private ApiAnswer asOf(String path, long version) {
        return server.handleAsOf(request("GET", path, Map.of("resourceVersion", "0"), ""), version);
    }

    private ServerWatch watch(long version) {
        return watch(TASKS, version);
    }

    private ServerWatch watch(String path, long version) {
        var request = request("GET", path, Map.of("resourceVersion", Long.toString(version)), "");
        return ((WatchAnswer.Opened) server.watch(request)).watch();
    }

    private static List<String> lines(ServerWatch watch) {
        var lines = new ArrayList<String>();
        for (byte[] line = watch.poll(); line != null; line = watch.poll()) {
            lines.add(new String(line, UTF_8));
        }
        return lines;
    }

    private static long bookmark(ServerWatch watch) {
        byte[] line = watch.bookmark();
        return line == null ? -1 : version(read(line).path("object"));
    }

    private static long version(JsonNode object) {
        return object.at("/metadata/resourceVersion").asLong();
    }

    private static JsonNode json(ApiAnswer answer) {
        return read(answer.body());
    }

    private static JsonNode read(byte[] json) {
        try {
            return Json.read(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ApiRequest request(String method, String path, Map<String, String> query, String json) {
        String type = method.equals("PATCH") ? "application/merge-patch+json" : "application/json";
        return new ApiRequest(
                "me", method, path, query, "", type, json.replace('\'', '"').getBytes(UTF_8));
    }
}
