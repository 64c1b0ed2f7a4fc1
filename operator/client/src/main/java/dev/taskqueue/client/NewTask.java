package dev.taskqueue.client;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
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
        return ObjectMetadata.object(
                "Task", new ObjectMetaBuilder(metadata).withNamespace(namespace).build(), spec);
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
    public static final class Builder extends RequestBuilder<Builder> {
        private final String queue;
        private final Map<String, Object> spec = new LinkedHashMap<>();
        private final ObjectMetadata metadata = new ObjectMetadata();
        private @Nullable String key;

        private Builder(String queue) {
            this.queue = queue;
            spec.put("queueRef", Map.of("name", queue));
        }

        @Override
        Builder self() {
            return this;
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
            metadata.label(name, value);
            return this;
        }

        /**
         * When the owner is deleted, Kubernetes deletes the Task with it, sent or not.
         *
         * @param owner as the API server returned it, in the Task's namespace or in none
         * @throws IllegalArgumentException where it has no uid
         */
        public Builder owner(HasMetadata owner) {
            metadata.owner(owner);
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
            return metadata.of(queue, key, key == null ? null : TaskNames.of(queue, key));
        }

        private Map<String, Object> spec() {
            return withRequest(new LinkedHashMap<>(spec));
        }
    }
}
