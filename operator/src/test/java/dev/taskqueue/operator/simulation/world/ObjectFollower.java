package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.kube.ApiRequest;
import dev.taskqueue.operator.kube.ApiTransport;
import dev.taskqueue.operator.kube.RefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;

/**
 * Lists and watches objects of one kind as the informers of Fabric8 do: a list, then a watch from its version; a broken watch goes on where it ended,
 * and a watch that is too old begins with a new list. It stands for those informers in the simulation.
 */
final class ObjectFollower {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(60);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
    private static final int GONE = 410;
    /** An API server that has just started may refuse what it allows a moment later. */
    private static final int REFUSALS_THAT_COUNT = 8;

    private final SimulatedProcess process;
    private final ApiTransport transport;
    private final String path;
    private final Sink sink;
    /** What exists, by namespace and name. */
    private final TreeMap<String, JsonNode> known = new TreeMap<>();

    private int refusals;
    private int refusedWith;
    private boolean synced;
    private boolean watching;
    private boolean closed;

    /** Receives the objects, on the thread of the follower. */
    interface Sink {
        void put(String key, JsonNode object);

        void remove(String key, JsonNode before);
    }

    /** @param path of the collection, such as {@code api/v1/services} */
    ObjectFollower(SimulatedProcess process, ApiTransport transport, String path, Sink sink) {
        this.process = process;
        this.transport = transport;
        this.path = path;
        this.sink = sink;
    }

    void start() {
        process.threads().execute(this::follow);
    }

    boolean isSynced() {
        return synced;
    }

    /** The code with which the API server refuses it again and again; 0 if it does not. */
    int refused() {
        return refusals >= REFUSALS_THAT_COUNT ? refusedWith : 0;
    }

    boolean isWatching() {
        return watching;
    }

    void close() {
        closed = true;
    }

    private void follow() {
        String version = "";
        Duration pause = FIRST_PAUSE;
        while (!closed) {
            try {
                if (version.isEmpty()) {
                    version = list();
                }
                version = watch(version);
                pause = FIRST_PAUSE;
                refusals = 0;
            } catch (RefusedException refused) {
                refusals++;
                refusedWith = refused.code;
                version = refused.code == GONE ? "" : version;
            } catch (IOException failed) {
                // The next try follows.
            }
            if (!process.threads().rest(pause)) {
                return;
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    private String list() throws IOException {
        try (ApiTransport.Answer answer = transport.send(ApiRequest.get(path), TIMEOUT)) {
            if (answer.code() != 200) {
                throw new RefusedException(answer.code(), "a list");
            }
            JsonNode list = Trees.read(answer.bytes());
            Set<String> gone = new HashSet<>(known.keySet());
            for (JsonNode object : list.path("items")) {
                gone.remove(key(object));
                put(object);
            }
            for (String key : known.keySet().toArray(String[]::new)) {
                if (gone.contains(key)) {
                    remove(key);
                }
            }
            synced = true;
            return list.path("metadata").path("resourceVersion").asText();
        }
    }

    private String watch(String from) throws IOException {
        String version = from;
        String query = "?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=" + from;
        try (ApiTransport.Watch watch = transport.watch(path + query, Duration.ofSeconds(70))) {
            watching = true;
            for (var line = watch.next(); !closed && line.isPresent(); line = watch.next()) {
                JsonNode event = Trees.read(line.get());
                JsonNode object = event.path("object");
                switch (event.path("type").asText()) {
                    case "ADDED", "MODIFIED" -> put(object);
                    case "DELETED" -> remove(key(object));
                    case "BOOKMARK" -> {}
                    default -> {
                        return "";
                    }
                }
                version = object.path("metadata").path("resourceVersion").asText();
            }
            return version;
        } catch (RefusedException refused) {
            throw refused;
        } catch (IOException broken) {
            return version;
        } finally {
            watching = false;
        }
    }

    private void put(JsonNode object) {
        JsonNode before = known.put(key(object), object);
        if (before == null || !version(before).equals(version(object))) {
            sink.put(key(object), object);
        }
    }

    private void remove(String key) {
        JsonNode before = known.remove(key);
        if (before != null) {
            sink.remove(key, before);
        }
    }

    private static String version(JsonNode object) {
        return object.path("metadata").path("resourceVersion").asText();
    }

    private static String key(JsonNode object) {
        return object.path("metadata").path("namespace").asText() + "/"
                + object.path("metadata").path("name").asText();
    }

    /** The path of a collection. */
    static String collection(String api, String namespace, String plural) {
        return api + "/" + (namespace.isEmpty() ? "" : "namespaces/" + namespace + "/") + plural;
    }

    /** The body of a request. */
    static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
