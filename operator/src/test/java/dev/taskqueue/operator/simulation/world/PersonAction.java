package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.apiserver.ApiAnswer;
import dev.taskqueue.operator.simulation.apiserver.ApiRequest;
import dev.taskqueue.operator.simulation.apiserver.SimulatedApiServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What a person, a producer or a GitOps controller does to the API server. If it is refused, nothing else follows. */
sealed interface PersonAction {
    String USER = "people";

    /** When, after the start. */
    Duration time();

    void act(SimulatedApiServer server);

    /** One request, as kubectl would send it. */
    record Send(Duration time, String method, String path, String contentType, String body) implements PersonAction {
        static Send create(Duration time, String collection, ObjectNode object) {
            return new Send(time, "POST", collection, "application/json", object.toString());
        }

        static Send patch(Duration time, String path, String merge) {
            return new Send(time, "PATCH", path, "application/merge-patch+json", merge);
        }

        static Send delete(Duration time, String path) {
            return new Send(time, "DELETE", path, "", "");
        }

        @Override
        public void act(SimulatedApiServer server) {
            var _ = server.handle(request(method, path, contentType, body));
        }
    }

    /** A backup tool deletes a Task and creates it again with its metadata, but without its status. */
    record RestoreWithoutStatus(Duration time, String path) implements PersonAction {
        @Override
        public void act(SimulatedApiServer server) {
            ApiAnswer answer = server.handle(request("GET", path, "", ""));
            if (answer.code() != 200) {
                return;
            }
            try {
                JsonNode before = Trees.read(answer.body());
                ObjectNode restored = Trees.object();
                restored.set("apiVersion", before.path("apiVersion"));
                restored.set("kind", before.path("kind"));
                ObjectNode metadata = restored.putObject("metadata")
                        .put("name", before.path("metadata").path("name").asText());
                metadata.set("annotations", before.path("metadata").path("annotations"));
                metadata.set("labels", before.path("metadata").path("labels"));
                restored.set("spec", before.path("spec"));
                var _ = server.handle(request("DELETE", path, "", ""));
                String collection = path.substring(0, path.lastIndexOf('/'));
                var _ = server.handle(request("POST", collection, "application/json", restored.toString()));
            } catch (IOException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    /** Somebody looks at the Failed Tasks of a namespace, and has one of them tried again. */
    record RedriveFailed(Duration time, String namespace, String value) implements PersonAction {
        @Override
        public void act(SimulatedApiServer server) {
            List<String> failed = server.objects("Task")
                    .filter(task -> task.path("status").path("state").asText().equals("Failed"))
                    .map(task -> task.path("metadata"))
                    .filter(metadata -> metadata.path("namespace").asText().equals(namespace))
                    .map(metadata -> metadata.path("name").asText())
                    .toList();
            if (!failed.isEmpty()) {
                String name = failed.get(Math.floorMod(value.hashCode(), failed.size()));
                Send.patch(time, ClusterDeck.API + namespace + "/tasks/" + name, redrive(value))
                        .act(server);
            }
        }

        private static String redrive(String value) {
            return "{\"metadata\":{\"annotations\":{\"taskqueue.dev/redrive\":\"" + value + "\"}}}";
        }
    }

    /** A request of somebody who is no operator. */
    static ApiRequest request(String method, String path, String contentType, String body) {
        return new ApiRequest(
                USER, method, path, Map.of(), "application/json", contentType, body.getBytes(StandardCharsets.UTF_8));
    }
}
