package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Deletes objects. */
final class ObjectDeleter {
    private final ObjectStore store;
    private final InstantSource clock;
    private final BuiltInDefaults defaults;

    ObjectDeleter(ObjectStore store, InstantSource clock, BuiltInDefaults defaults) {
        this.store = store;
        this.clock = clock;
        this.defaults = defaults;
    }

    /**
     * What a stored object must be to be deleted.
     *
     * @param uid null = any
     * @param version null = any
     */
    record Preconditions(@Nullable String uid, @Nullable String version) {
        /** Reads them from the body of the request. */
        static Preconditions of(ObjectNode body) {
            JsonNode wanted = body.path("preconditions");
            return new Preconditions(
                    wanted.path("uid").textValue(),
                    wanted.path("resourceVersion").textValue());
        }
    }

    /** @param isGone false if the object has finalizers and is only marked */
    record Deletion(StoredObject object, boolean isGone) {}

    Deletion delete(RequestTarget target, Preconditions preconditions, WriteOptions options) {
        StoredObject before = store.get(target.kind(), target.key());
        if (before == null) {
            throw RequestFailure.notFound(target.kind(), target.name());
        }
        check(target, preconditions, before);
        boolean isHeld = before.hasFinalizers();
        if (options.dryRun() || (isHeld && before.isBeingDeleted())) {
            return new Deletion(before, !isHeld);
        }
        if (isHeld) {
            ObjectNode marked = marked(before);
            return new Deletion(store.put(target.kind(), target.key(), before, marked, options.user()), false);
        }
        if (target.kind() == ResourceKind.NAMESPACE) {
            return new Deletion(deleteNamespace(target, before, options), true);
        }
        store.remove(target.kind(), target.key(), before, options.user());
        return new Deletion(target.kind().isShownWhenDeleted() ? before.deletedAt(store.version()) : before, true);
    }

    private static void check(RequestTarget target, Preconditions preconditions, StoredObject before) {
        String uid = preconditions.uid();
        if (uid != null && !uid.equals(before.uid())) {
            String why = "the UID in the precondition (" + uid + ") does not match the UID in record (" + before.uid()
                    + "). The object might have been deleted and then recreated";
            throw target.kind() == ResourceKind.NAMESPACE
                    ? RequestFailure.conflict(
                            target.kind(), target.name(), RequestFailure.uidMismatch(uid, before.uid()))
                    : RequestFailure.preconditionFailed(target.kind(), target.name(), why);
        }
        String version = preconditions.version();
        if (version != null && !version.equals(Long.toString(before.version()))) {
            String why = "the ResourceVersion in the precondition (" + version
                    + ") does not match the ResourceVersion in record (" + before.version()
                    + "). The object might have been modified";
            throw RequestFailure.preconditionFailed(target.kind(), target.name(), why);
        }
    }

    /** An object with finalizers stays until the last one is removed. */
    private ObjectNode marked(StoredObject before) {
        ObjectNode marked = Json.shallowCopy(before.tree());
        ObjectNode metadata = Json.shallowCopy(before.metadata());
        metadata.put("deletionTimestamp", Times.text(clock));
        if (before.hasFinalizers()) {
            metadata.put("deletionGracePeriodSeconds", 0);
        }
        if (metadata.has("generation")) {
            metadata.put("generation", metadata.path("generation").asInt() + 1);
        }
        marked.set("metadata", metadata);
        return marked;
    }

    /** A real server takes its time between these steps. */
    private StoredObject deleteNamespace(RequestTarget target, StoredObject before, WriteOptions options) {
        ObjectNode marked = marked(before);
        defaults.add(target.kind(), marked, before);
        StoredObject terminating = store.put(target.kind(), target.key(), before, marked, options.user());
        deleteContent(before.name(), options.user());
        store.remove(target.kind(), target.key(), terminating, options.user());
        return terminating;
    }

    private void deleteContent(String namespace, String user) {
        for (ResourceKind kind : ResourceKind.values()) {
            if (kind.isNamespaced()) {
                var content = store.objects(kind).subMap(namespace + "/", namespace + "0");
                for (Map.Entry<String, StoredObject> object : List.copyOf(content.entrySet())) {
                    store.remove(kind, object.getKey(), object.getValue(), user);
                }
            }
        }
    }
}
