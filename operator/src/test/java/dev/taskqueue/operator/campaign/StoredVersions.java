package dev.taskqueue.operator.campaign;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.campaign.ScratchFile.Piece;
import dev.taskqueue.operator.oracle.Fact;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every version of Tasks, TaskBatches, TaskQueues and Leases that was stored. They come from etcd itself: a watch of the API server loses versions when the API
 * server dies, and its audit log loses the last writes.
 */
final class StoredVersions implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PREFIX = "/registry/";
    private static final List<String> KINDS =
            List.of(TaskStates.TASKS, TaskStates.BATCHES, "taskqueue.dev/taskqueues/", "leases/");

    private final String etcd;
    private final TaskStates states;
    private final ScratchFile file;
    private final List<Version> versions = new ArrayList<>();
    /** The last version of each object that exists, by its key. Only the watch uses it. */
    private final Map<String, Piece> last = new HashMap<>();

    private final Thread thread =
            Thread.ofPlatform().daemon().name("stored-versions").unstarted(this::run);
    private long next = 1;
    private volatile boolean closed;

    /**
     * One version of an object.
     *
     * @param at when it was seen here, shortly after it was stored
     * @param json where the object is, as etcd has it, without its resourceVersion
     */
    record Version(Instant at, Fact.Change change, long revision, Piece json) {}

    StoredVersions(String etcd, TaskStates states, ScratchFile file) {
        this.etcd = etcd;
        this.file = file;
        this.states = states;
        thread.start();
    }

    /** All versions so far, in the order in which they were stored. */
    synchronized List<Version> all() {
        return List.copyOf(versions);
    }

    /** The object as the API server shows it. */
    JsonNode object(Version version) {
        return read(file.read(version.json()), version.revision());
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        while (!closed) {
            try {
                watch();
            } catch (IOException away) {
                // etcd is down: the watch goes on where it ended.
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException end) {
                return;
            }
        }
    }

    private void watch() throws IOException {
        var connection =
                (HttpURLConnection) URI.create(etcd + "/v3/watch").toURL().openConnection(Proxy.NO_PROXY);
        connection.setRequestMethod("POST");
        connection.setDoOutput(true);
        String end = PREFIX.substring(0, PREFIX.length() - 1) + (char) ('/' + 1);
        connection.getOutputStream().write("""
                {"create_request": {"key": "%s", "range_end": "%s", "start_revision": "%d"}}
                """.formatted(base64(PREFIX), base64(end), next)
                .getBytes(UTF_8));
        try (var lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null && !closed; line = lines.readLine()) {
                Instant at = Instant.now();
                JsonNode result = JSON.readTree(line).path("result");
                if (result.path("canceled").asBoolean()) {
                    throw new IllegalStateException("etcd has ended the watch: " + line);
                }
                for (JsonNode event : result.path("events")) {
                    keep(at, event);
                }
            }
        }
    }

    private void keep(Instant at, JsonNode event) throws IOException {
        JsonNode entry = event.path("kv");
        long revision = entry.path("mod_revision").asLong();
        String key = new String(entry.path("key").binaryValue(), UTF_8).substring(PREFIX.length());
        if (KINDS.stream().anyMatch(key::startsWith)) {
            keep(at, revision, key, event.path("type").asText().equals("DELETE") ? null : entry);
        }
        next = revision + 1;
    }

    /** @param entry null if the object was deleted */
    private void keep(Instant at, long revision, String key, @Nullable JsonNode entry) throws IOException {
        Piece json = entry == null
                ? last.remove(key)
                : file.append(entry.path("value").binaryValue());
        if (json == null) {
            return;
        }
        Fact.Change change = entry == null
                ? Fact.Change.Deleted
                : last.put(key, json) == null ? Fact.Change.Created : Fact.Change.Changed;
        var version = new Version(at, change, revision, json);
        synchronized (this) {
            versions.add(version);
        }
        states.see(key, change, () -> object(version));
    }

    private static JsonNode read(byte[] json, long revision) {
        try {
            JsonNode object = JSON.readTree(json);
            ((ObjectNode) object.path("metadata")).put("resourceVersion", String.valueOf(revision));
            return object;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }
}
