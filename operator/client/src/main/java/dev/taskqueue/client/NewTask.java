package dev.taskqueue.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A Task that is to be created, complete and unchangeable:
 *
 * <pre>{@code
 * NewTask.in("order-tasks")
 *     .key("order_4711-invoice")
 *     .path("/tasks/invoice")
 *     .json(new Invoice("4711", "59.90"))
 *     .delay(Duration.ofSeconds(30))
 *     .build();
 * }</pre>
 *
 * What is left out comes from the queue's {@code httpTarget}, else from the API's defaults; the API server checks the values.
 */
public final class NewTask {
    private static final JsonMapper JSON = JsonMapper.builder()
            .findAndAddModules()
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private final String queue;
    private final @Nullable String key;
    private final ObjectMeta metadata;
    private final Map<String, Object> spec;

    private NewTask(Builder builder) {
        queue = builder.queue;
        key = builder.key;
        metadata = builder.metadata();
        spec = builder.spec();
    }

    /** Begins one for this queue, which need not be there yet. */
    public static Builder in(String queue) {
        return new Builder(queue);
    }

    String queue() {
        return queue;
    }

    @Nullable String key() {
        return key;
    }

    /** A new object at each call. */
    GenericKubernetesResource object(String namespace) {
        var object = new GenericKubernetesResource();
        object.setApiVersion("taskqueue.dev/v1beta1");
        object.setKind("Task");
        object.setMetadata(
                new ObjectMetaBuilder(metadata).withNamespace(namespace).build());
        object.setAdditionalProperty("spec", spec);
        return object;
    }

    /** Without its contents: headers and body may be private. */
    @Override
    public String toString() {
        return "NewTask[" + queue + (key == null ? "" : "/" + key) + "]";
    }

    /** The HTTP methods that a Task may have; only POST, PUT and PATCH carry a body. */
    public enum Method {
        POST,
        GET,
        HEAD,
        PUT,
        DELETE,
        PATCH,
        OPTIONS
    }

    /** Gathers what the Task shall be. Of what is said twice, the last counts. For one thread. */
    public static final class Builder {
        private static final int LONGEST_PREFIX = 50;
        private static final Set<String> BODIES = Set.of("body", "bodyBase64", "json", "bodyFrom");

        private final String queue;
        private final Map<String, Object> spec = new LinkedHashMap<>();
        private final Map<String, Object> request = new LinkedHashMap<>();
        private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        private final Map<String, Map<String, String>> secretHeaders = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        private final Map<String, String> labels = new LinkedHashMap<>();
        private final List<OwnerReference> owners = new ArrayList<>();
        private @Nullable String key;

        private Builder(String queue) {
            this.queue = queue;
            spec.put("queueRef", Map.of("name", queue));
        }

        /**
         * The producer's own name for this Task, unique in its queue: while a Task with it is there, no second one is created. Its handler gets
         * it as {@code X-CloudTasks-TaskName}. Without a key each call creates a Task, under a name of the API server's choice.
         *
         * @param key 1 to 500 letters, digits, {@code -} and {@code _}, such as {@code order_4711-invoice}
         */
        public Builder key(String key) {
            this.key = key;
            return this;
        }

        /** The Service that gets the request, by the only port it has. */
        public Builder target(String service) {
            request.put("serviceRef", Map.of("name", service));
            return this;
        }

        /** The Service that gets the request, in the same namespace, and the name of its port. */
        public Builder target(String service, String port) {
            request.put("serviceRef", Map.of("name", service, "port", port));
            return this;
        }

        /** The Service that gets the request, in the same namespace, and the number of its port. */
        public Builder target(String service, int port) {
            request.put("serviceRef", Map.of("name", service, "port", port));
            return this;
        }

        /** Path and query, percent-encoded, with {@code /} at the beginning. */
        public Builder path(String path) {
            request.put("path", path);
            return this;
        }

        /** Without it: the queue's, else POST. */
        public Builder method(Method method) {
            request.put("method", method.name());
            return this;
        }

        /** Everybody who may read the Task sees it; capitals in its name do not matter. */
        public Builder header(String name, String value) {
            removeHeader(name);
            headers.put(name, value);
            return this;
        }

        /**
         * A header whose value is that of a Secret's key, in the Task's namespace, read anew for each attempt; a line break at its end is cut
         * off. The Task waits, reason SourceNotFound, while Secret or key is missing.
         */
        public Builder secretHeader(String name, String secret, String key) {
            removeHeader(name);
            secretHeaders.put(name, Map.of("name", secret, "key", key));
            return this;
        }

        private void removeHeader(String name) {
            headers.remove(name);
            secretHeaders.remove(name);
        }

        /** The body as text, sent as UTF-8; at most 256 KiB. Everybody who may read the Task sees it. */
        public Builder body(String text) {
            return body("body", text);
        }

        /** The body as it is; at most 256 KiB. */
        public Builder body(byte[] bytes) {
            return body("bodyBase64", Base64.getEncoder().encodeToString(bytes));
        }

        /**
         * The body as JSON, by Jackson with the modules it finds and times as text. It is sent with {@code Content-Type: application/json}
         * unless the Task or its queue sets another. For another mapper write {@code json(mapper.valueToTree(value))}.
         *
         * <p>It stands in the Task as {@code json}, where people can read it. The API server keeps numbers as 64-bit integers or floating
         * point. If that would change a number, or if the value is {@code null} or too large, it stands in the Task as text in {@code body}.
         *
         * @throws IllegalArgumentException where Jackson cannot write it
         */
        public Builder json(Object value) {
            try {
                JsonNode tree = JSON.valueToTree(value);
                String text = JSON.writeValueAsString(tree);
                return JsonBodies.isKept(tree, text) ? body("json", tree) : jsonText(text);
            } catch (JsonProcessingException | IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "A " + value.getClass().getName() + " cannot be written as JSON: give Jackson what it needs.",
                        e);
            }
        }

        private Builder jsonText(String text) {
            if (!secretHeaders.containsKey("Content-Type")) {
                headers.putIfAbsent("Content-Type", "application/json");
            }
            return body(text);
        }

        /**
         * The body is the value of a Secret's key, in the Task's namespace, at most 1 MiB; read anew for each attempt, so keep it until the Task
         * has ended. The Task waits, reason SourceNotFound, while it is missing.
         */
        public Builder bodyFromSecret(String secret, String key) {
            return body("bodyFrom", Map.of("secretKeyRef", Map.of("name", secret, "key", key)));
        }

        /** The same of a ConfigMap's key, for what everybody may read who may read ConfigMaps there. */
        public Builder bodyFromConfigMap(String configMap, String key) {
            return body("bodyFrom", Map.of("configMapKeyRef", Map.of("name", configMap, "key", key)));
        }

        private Builder body(String field, Object value) {
            request.keySet().removeAll(BODIES);
            request.put(field, value);
            return this;
        }

        /** The request carries a token of this ServiceAccount, made for the target: {@code http://SERVICE.NAMESPACE.svc}. */
        public Builder token(String serviceAccount) {
            request.put("serviceAccountToken", Map.of("serviceAccountName", serviceAccount));
            return this;
        }

        /** The request carries a token of this ServiceAccount, made for this audience. */
        public Builder token(String serviceAccount, String audience) {
            request.put("serviceAccountToken", Map.of("serviceAccountName", serviceAccount, "audience", audience));
            return this;
        }

        /** Due so long after its creation; at most 30 days unless the operator allows more. Instead of {@link #scheduleTime}. */
        public Builder delay(Duration delay) {
            spec.remove("scheduleTime");
            spec.put("delay", Durations.text(delay));
            return this;
        }

        /** Due at that time, and never earlier; in the past = now. Instead of {@link #delay}. */
        public Builder scheduleTime(Instant time) {
            spec.remove("delay");
            spec.put("scheduleTime", time.toString());
            return this;
        }

        /** After this time no attempt starts, and the Task is Failed, reason Expired. */
        public Builder expireTime(Instant time) {
            spec.put("expireTime", time.toString());
            return this;
        }

        /** How long the handler may take to answer; at least a second. */
        public Builder dispatchDeadline(Duration deadline) {
            spec.put("dispatchDeadline", Durations.text(deadline));
            return this;
        }

        /** How long the Task stays after its end, and with it its key, instead of the queue's {@code retention}. */
        public Builder ttlAfterFinished(Duration ttl) {
            spec.put("ttlAfterFinished", Durations.text(ttl));
            return this;
        }

        /** For {@code kubectl get tasks.taskqueue.dev -l NAME=VALUE}. */
        public Builder label(String name, String value) {
            labels.put(name, value);
            return this;
        }

        /**
         * When the owner is deleted, Kubernetes deletes the Task with it, sent or not.
         *
         * @param owner as the API server returned it, in the Task's namespace or in none
         * @throws IllegalArgumentException where it has no uid
         */
        public Builder owner(HasMetadata owner) {
            if (owner.getMetadata().getUid() == null) {
                throw new IllegalArgumentException("The owner " + owner.getKind() + " "
                        + owner.getMetadata().getName() + " has no uid: give it as the API server returned it.");
            }
            owners.add(new OwnerReferenceBuilder()
                    .withApiVersion(owner.getApiVersion())
                    .withKind(owner.getKind())
                    .withName(owner.getMetadata().getName())
                    .withUid(owner.getMetadata().getUid())
                    .build());
            return this;
        }

        /**
         * The Task as it was said so far.
         *
         * @throws IllegalArgumentException where the key is no such
         */
        public NewTask build() {
            return new NewTask(this);
        }

        private ObjectMeta metadata() {
            var metadata = new ObjectMetaBuilder().withLabels(labels).withOwnerReferences(owners);
            return key == null
                    ? metadata.withGenerateName(queue.substring(0, Math.min(LONGEST_PREFIX, queue.length())) + "-")
                            .build()
                    : metadata.withName(TaskNames.of(queue, key))
                            .addToAnnotations(TaskQueueClient.KEY_ANNOTATION, key)
                            .build();
        }

        private Map<String, Object> spec() {
            var whole = new LinkedHashMap<>(spec);
            var http = new LinkedHashMap<>(request);
            if (!headers.isEmpty()) {
                http.put("headers", new LinkedHashMap<>(headers));
            }
            if (!secretHeaders.isEmpty()) {
                http.put("secretHeaders", secretHeaderList());
            }
            if (!http.isEmpty()) {
                whole.put("httpRequest", http);
            }
            return whole;
        }

        private List<Map<String, Object>> secretHeaderList() {
            return secretHeaders.entrySet().stream()
                    .map(header -> Map.of("name", header.getKey(), "secretKeyRef", header.getValue()))
                    .toList();
        }
    }
}
