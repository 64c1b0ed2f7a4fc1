package dev.taskqueue.operator.simulation.apiserver.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.taskqueue.operator.simulation.apiserver.ApiAnswer;
import dev.taskqueue.operator.simulation.apiserver.ApiRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The words in which scenes of the conformance script are written. Each step sends a request in the scene's namespace and notes what was observed.
 * JSON is written with single quotes. Paths are {@code PLURAL/NAME/SUBRESOURCE?QUERY} in the namespace, or begin with a slash.
 */
final class Steps {
    private static final String METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private static final String JSON = "application/json";

    private final ScriptServer server;
    private final String namespace;
    private final Observation observation = new Observation();
    private final List<String> observed = new ArrayList<>();
    private String manager = "tester";
    private String accept = JSON;

    Steps(ScriptServer server, String namespace) {
        this.server = server;
        this.namespace = namespace;
    }

    /** What was observed, one text for each step. */
    List<String> observed() {
        return observed;
    }

    String namespace() {
        return namespace;
    }

    /** Who writes from now on, as in managedFields. */
    void as(String name) {
        manager = name;
    }

    /** The media type that is accepted from now on. */
    void accept(String type) {
        accept = type;
    }

    /** From now on only metadata is accepted, as objects or as lists. */
    void acceptMetadata() {
        accept = METADATA;
    }

    void acceptObjects() {
        accept = JSON;
    }

    /** The answer to a step. */
    record Reply(int code, JsonNode body) {
        String version() {
            return body.path("metadata").path("resourceVersion").asText();
        }

        String uid() {
            return body.path("metadata").path("uid").asText();
        }

        String next() {
            return body.path("metadata").path("continue").asText();
        }
    }

    Reply get(String path) {
        return step("GET", path, "", "");
    }

    /** Reads until the answer has this code: a real server does some things later. */
    Reply await(String path, int code) {
        ApiRequest request = request("GET", path, "", "");
        return noted("GET until " + code + " " + path, server.sendUntil(request, code));
    }

    Reply post(String path, String json) {
        return step("POST", path, JSON, json);
    }

    Reply put(String path, String json) {
        return step("PUT", path, JSON, json);
    }

    Reply merge(String path, String json) {
        return step("PATCH", path, "application/merge-patch+json", json);
    }

    Reply patch(String path, String contentType, String json) {
        return step("PATCH", path, contentType, json);
    }

    Reply apply(String path, String json) {
        return step("PATCH", path, "application/apply-patch+yaml", json);
    }

    Reply delete(String path) {
        return step("DELETE", path, JSON, "");
    }

    Reply delete(String path, String options) {
        return step("DELETE", path, JSON, options);
    }

    Reply step(String method, String path, String contentType, String json) {
        return noted(method + " " + path + " " + json, server.send(request(method, path, contentType, json)));
    }

    private Reply noted(String step, ApiAnswer answer) {
        JsonNode body = Observation.json(answer.body());
        observed.add(observation.text(step) + "\n    -> " + observation.of(answer.code(), answer.body()));
        return new Reply(answer.code(), body == null ? JsonNodeFactory.instance.objectNode() : body);
    }

    /** Notes a fact that the scene has found out itself. */
    void note(String what, Object value) {
        observed.add(what + "\n    -> " + value);
    }

    /** A Task's manifest. */
    static String task(String metadata) {
        return "{'apiVersion':'taskqueue.dev/v1beta1','kind':'Task','metadata':" + metadata
                + ",'spec':{'queueRef':{'name':'q'},'httpRequest':{'serviceRef':{'name':'w'}}}}";
    }

    /** The manifest of a TaskBatch of three items. */
    static String batch(String metadata) {
        return "{'apiVersion':'taskqueue.dev/v1beta1','kind':'TaskBatch','metadata':" + metadata
                + ",'spec':{'queueRef':{'name':'q'},'count':3,'template':{'httpRequest':{'serviceRef':{'name':'w'}}}}}";
    }

    /** A TaskQueue's manifest. */
    static String queue(String metadata, String spec) {
        return "{'apiVersion':'taskqueue.dev/v1beta1','kind':'TaskQueue','metadata':" + metadata + ",'spec':" + spec
                + "}";
    }

    ApiRequest request(String method, String path, String contentType, String json) {
        String[] parts = path.split("\\?", 2);
        Map<String, String> query = new LinkedHashMap<>();
        if (parts.length > 1) {
            for (String pair : parts[1].split("&", -1)) {
                String[] sides = pair.split("=", 2);
                query.put(sides[0], sides[1]);
            }
        }
        if (!method.equals("GET") && !method.equals("DELETE") && !manager.isEmpty()) {
            query.put("fieldManager", manager);
        }
        boolean isList = method.equals("GET") && isCollection(parts[0]) && !query.containsKey("watch");
        String accepted = isList ? accept.replace("Metadata;", "MetadataList;") : accept;
        return new ApiRequest(
                "tester",
                method,
                full(parts[0]),
                query,
                accepted,
                contentType,
                json.replace('\'', '"').getBytes(UTF_8));
    }

    private static boolean isCollection(String path) {
        return path.startsWith("/") ? path.endsWith("/tasks") || path.endsWith("/taskbatches") : !path.contains("/");
    }

    private String full(String path) {
        if (path.startsWith("/")) {
            return path;
        }
        String plural = path.split("/", 2)[0];
        String root = switch (plural) {
            case "tasks", "taskqueues", "taskbatches" -> "/apis/taskqueue.dev/v1beta1/";
            case "leases" -> "/apis/coordination.k8s.io/v1/";
            case "endpointslices" -> "/apis/discovery.k8s.io/v1/";
            default -> "/api/v1/";
        };
        return root + "namespaces/" + namespace + "/" + path;
    }

    void restart() {
        server.restart();
    }

    void compactAndRestart() {
        server.compactAndRestart();
    }

    /** Opens a watch, for which the caller reads lines. */
    Watching watch(String path) {
        var query = path.contains("?") ? "&watch=true" : "?watch=true";
        ScriptServer.Lines lines = server.watch(request("GET", path + query, JSON, ""));
        observed.add(observation.text("WATCH " + path) + "\n    -> " + lines.code());
        return new Watching(lines);
    }

    /** An open watch of a scene. */
    final class Watching {
        private final ScriptServer.Lines lines;
        private long seen;

        private Watching(ScriptServer.Lines lines) {
            this.lines = lines;
        }

        /** Reads so many lines. */
        Watching reads(int count) {
            for (int i = 0; i < count; i++) {
                String line = lines.next();
                JsonNode event = line == null ? null : Observation.json(line.getBytes(UTF_8));
                if (event != null) {
                    seen = event.path("object")
                            .path("metadata")
                            .path("resourceVersion")
                            .asLong();
                }
                observed.add("reads\n    -> " + (event == null ? "the end" : observation.comparable(event)));
            }
            return this;
        }

        /** Reads a bookmark. It must not be older than the last line. */
        void readsBookmark() {
            String line = Objects.requireNonNullElse(lines.bookmark(), "{}");
            JsonNode event = Objects.requireNonNull(Observation.json(line.getBytes(UTF_8)));
            long version = event.path("object")
                    .path("metadata")
                    .path("resourceVersion")
                    .asLong();
            note(
                    "reads a bookmark",
                    event.path("type").asText() + " of "
                            + event.path("object").path("kind").asText() + ", covers what was read: "
                            + (version >= seen));
        }

        void endsSilently() {
            note("ends without a line", lines.staysSilent());
        }

        void close() {
            lines.close();
        }
    }
}
