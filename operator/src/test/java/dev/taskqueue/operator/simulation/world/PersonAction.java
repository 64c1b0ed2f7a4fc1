package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.apiserver.ApiAnswer;
import dev.taskqueue.operator.simulation.apiserver.ApiRequest;
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

    void act(People people);

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
        public void act(People people) {
            var _ = people.send(method, path, contentType, body);
        }
    }

    /** A backup tool deletes a Task and creates it again with its metadata, but without its status. */
    record RestoreWithoutStatus(Duration time, String path) implements PersonAction {
        @Override
        public void act(People people) {
            ApiAnswer answer = people.send("GET", path, "", "");
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
                var _ = people.send("DELETE", path, "", "");
                String collection = path.substring(0, path.lastIndexOf('/'));
                var _ = people.send("POST", collection, "application/json", restored.toString());
            } catch (IOException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    /** Somebody looks at the Failed Tasks of a namespace, and has one of them tried again. */
    record RedriveFailed(Duration time, String namespace, String value) implements PersonAction {
        @Override
        public void act(People people) {
            List<String> failed = people.objects("Task")
                    .filter(task -> task.path("status").path("state").asText().equals("Failed"))
                    .map(task -> task.path("metadata"))
                    .filter(metadata -> metadata.path("namespace").asText().equals(namespace))
                    .map(metadata -> metadata.path("name").asText())
                    .toList();
            if (!failed.isEmpty()) {
                String name = failed.get(Math.floorMod(value.hashCode(), failed.size()));
                Send.patch(time, ClusterDeck.API + namespace + "/tasks/" + name, annotation("redrive", value))
                        .act(people);
            }
        }
    }

    /**
     * Somebody, or a program of theirs, waits until the operator writes the status of a Task, and has that Task sent again or at once, before the operator
     * has seen the answer of its write.
     *
     * @param afterFailure whether only a Task that fails is meant
     * @param unanswered whether the operator gets no answer to that write at all
     * @param pause between the write and the annotation
     * @param editedLater whether somebody edits a label of the Task later
     */
    record AnswerWrite(
            Duration time,
            String namespace,
            boolean afterFailure,
            boolean unanswered,
            Duration pause,
            boolean editedLater,
            String value)
            implements PersonAction {
        private static final Duration EDITED_AFTER = Duration.ofSeconds(2);

        @Override
        public void act(People people) {
            people.onNextWrite(this::isMeant, unanswered, task -> {
                String path = ClusterDeck.API + namespace + "/tasks/"
                        + task.path("metadata").path("name").asText();
                String order = state(task).equals("Failed") ? "redrive" : "run-now";
                people.later(pause, Send.patch(time, path, annotation(order, value)));
                if (editedLater) {
                    people.later(
                            EDITED_AFTER, Send.patch(time, path, "{\"metadata\":{\"labels\":{\"seen\":\"yes\"}}}"));
                }
            });
        }

        private boolean isMeant(JsonNode task) {
            String state = state(task);
            return task.path("metadata").path("namespace").asText().equals(namespace)
                    && (afterFailure ? state.equals("Failed") : !state.isEmpty() && !state.equals("Succeeded"));
        }

        private static String state(JsonNode task) {
            return task.path("status").path("state").asText();
        }
    }

    private static String annotation(String name, String value) {
        return "{\"metadata\":{\"annotations\":{\"taskqueue.dev/" + name + "\":\"" + value + "\"}}}";
    }

    /** A request of somebody who is no operator. */
    static ApiRequest request(String method, String path, String contentType, String body) {
        return new ApiRequest(
                USER, method, path, Map.of(), "application/json", contentType, body.getBytes(StandardCharsets.UTF_8));
    }
}
