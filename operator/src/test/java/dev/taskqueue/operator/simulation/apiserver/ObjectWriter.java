package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.apiserver.RequestFailure.FieldError;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Creates, changes and deletes objects. Each method makes its checks in the order of a real server, and then one change of the store. */
final class ObjectWriter {
    private static final String CONTROLLER = "system:controller";
    private static final String MODIFIED =
            "the object has been modified; please apply your changes to the latest version and try again";

    private final ObjectStore store;
    private final InstantSource clock;
    private final MetadataRules metadataRules;
    private final BuiltInDefaults defaults = new BuiltInDefaults();

    ObjectWriter(ObjectStore store, InstantSource clock, RandomGenerator random) {
        this.store = store;
        this.clock = clock;
        this.metadataRules = new MetadataRules(random);
    }

    /**
     * How to write.
     *
     * @param manager for managedFields
     * @param apply whether this is a server-side apply
     */
    record Options(String user, String manager, boolean dryRun, boolean apply) {
        static final Options OF_CONTROLLER = new Options(CONTROLLER, CONTROLLER, false, false);
    }

    record Written(StoredObject object, boolean isNew) {}

    /** @param isGone false if the object has finalizers and is only marked */
    record Deletion(StoredObject object, boolean isGone) {}

    /** Each field is null if it does not matter. */
    record Preconditions(@Nullable String uid, @Nullable String version) {}

    Written create(RequestTarget target, ObjectNode object, Options options) {
        ResourceKind kind = target.kind();
        MetadataRules.checkIdentity(target, object);
        if (kind.isNamespaced()
                && store.get(ResourceKind.NAMESPACE, RequestTarget.key("", target.namespace())) == null) {
            throw RequestFailure.notFound(ResourceKind.NAMESPACE, target.namespace());
        }
        ObjectNode metadata = metadataRules.created(target, object, now());
        object.set("metadata", metadata);
        if (kind.hasStatusSubresource()) {
            object.remove("status");
        }
        complete(kind, object, null);
        if (ManagedFields.hasFields(object)) {
            metadata.set("managedFields", ManagedFields.written(null, target, options.manager, options.apply, now()));
        }
        String key = RequestTarget.key(target.namespace(), metadata.path("name").asText());
        StoredObject existing = store.get(kind, key);
        if (existing != null) {
            throw RequestFailure.alreadyExists(kind, existing.name(), existing.isBeingDeleted());
        }
        if (options.dryRun) {
            return new Written(new StoredObject(object, 0), true);
        }
        StoredObject created = store.put(kind, key, null, object, options.user);
        if (kind == ResourceKind.NAMESPACE) {
            furnish(created.name());
        }
        return new Written(created, true);
    }

    /** Creates the account that every namespace has. */
    private void furnish(String namespace) {
        ObjectNode account = Json.object();
        account.putObject("metadata").put("name", "default");
        create(new RequestTarget(ResourceKind.SERVICE_ACCOUNT, namespace, "", ""), account, Options.OF_CONTROLLER);
    }

    Written replace(RequestTarget target, ObjectNode object, Options options) {
        ResourceKind kind = target.kind();
        MetadataRules.checkIdentity(target, object);
        StoredObject before = store.get(kind, target.key());
        ObjectNode metadata = Json.inner(object, "metadata");
        if (before == null && !kind.isCreatedByPut()) {
            throw RequestFailure.notFound(kind, target.name());
        }
        String uid = metadata.path("uid").asText("");
        String actual = before == null ? "" : before.uid();
        if (!uid.isEmpty() && !uid.equals(actual)) {
            throw RequestFailure.conflict(kind, target.name(), uidMismatch(uid, actual));
        }
        if (before == null) {
            metadata.remove("resourceVersion");
            return create(target, object, options);
        }
        if (kind.requiresVersion()
                && metadata.path("resourceVersion").asText("").isEmpty()) {
            throw RequestFailure.versionMissing(kind, target.name());
        }
        return change(target, before, object, options);
    }

    private static String uidMismatch(String wanted, String actual) {
        return "Precondition failed: UID in precondition: " + wanted + ", UID in object meta: " + actual;
    }

    /** Changes the object by the patch in the request. A server-side apply creates it if it does not exist. */
    Written patch(RequestTarget target, ApiRequest request, Options options) {
        StoredObject before = store.get(target.kind(), target.key());
        if (before == null && !options.apply) {
            throw RequestFailure.notFound(target.kind(), target.name());
        }
        if (before == null) {
            return create(target, Patches.patched(target.kind(), Json.object(), request), options);
        }
        ObjectNode after = Patches.patched(target.kind(), before.tree(), request);
        MetadataRules.checkIdentity(target, after);
        return change(target, before, after, options);
    }

    private Written change(RequestTarget target, StoredObject before, ObjectNode wanted, Options options) {
        long version =
                Versions.parse(wanted.path("metadata").path("resourceVersion").asText(""));
        if (version != 0 && version != before.version()) {
            throw RequestFailure.conflict(target.kind(), target.name(), MODIFIED);
        }
        ObjectNode after = target.isStatus() ? withStatus(before, wanted) : withoutStatus(target, before, wanted);
        complete(target.kind(), after, before);
        refuseChangedSpec(target, before, after);
        if (after.equals(before.tree())) {
            return new Written(before, false);
        }
        ObjectNode metadata = (ObjectNode) after.get("metadata");
        if (!target.isStatus()) {
            countGeneration(target.kind(), before, after, metadata);
        }
        if (ManagedFields.setsFields(before.tree(), after)) {
            JsonNode entries = metadata.get("managedFields");
            metadata.set(
                    "managedFields", ManagedFields.written(entries, target, options.manager, options.apply, now()));
        }
        return new Written(store(target, before, after, options), false);
    }

    private StoredObject store(RequestTarget target, StoredObject before, ObjectNode after, Options options) {
        var changed = new StoredObject(after, before.version());
        if (options.dryRun) {
            return changed;
        }
        if (before.isBeingDeleted() && !changed.hasFinalizers()) {
            store.remove(target.kind(), target.key(), before, options.user);
            return changed;
        }
        return store.put(target.kind(), target.key(), before, after, options.user);
    }

    /** A write of the status changes nothing else. */
    private static ObjectNode withStatus(StoredObject before, ObjectNode wanted) {
        ObjectNode after = Json.shallowCopy(before.tree());
        after.set("metadata", Json.shallowCopy(before.metadata()));
        Json.set(after, "status", wanted.get("status"));
        return after;
    }

    /** A write of the object itself does not change its status. */
    private static ObjectNode withoutStatus(RequestTarget target, StoredObject before, ObjectNode wanted) {
        wanted.set("metadata", MetadataRules.changed(target, before, wanted));
        if (target.kind().hasStatusSubresource()) {
            Json.set(wanted, "status", before.tree().get("status"));
        }
        return wanted;
    }

    private void complete(ResourceKind kind, ObjectNode object, @Nullable StoredObject before) {
        CustomSchema schema = kind.schema();
        if (schema != null) {
            schema.fit(object);
        } else {
            defaults.add(kind, object, before);
        }
    }

    private static void refuseChangedSpec(RequestTarget target, StoredObject before, ObjectNode after) {
        CustomSchema schema = target.kind().schema();
        if (schema != null
                && !schema.immutableSpec().isEmpty()
                && !after.path("spec").equals(before.tree().path("spec"))) {
            throw RequestFailure.invalid(
                    target.kind(),
                    target.name(),
                    new FieldError("FieldValueInvalid", "spec", "Invalid value: " + schema.immutableSpec()));
        }
    }

    /** The generation of our own kinds counts changes of the spec. That of EndpointSlices counts all changes. */
    private static void countGeneration(ResourceKind kind, StoredObject before, ObjectNode after, ObjectNode metadata) {
        boolean counts =
                kind.isCustom() ? !after.path("spec").equals(before.tree().path("spec")) : kind.hasGeneration();
        if (counts) {
            metadata.put("generation", metadata.path("generation").asInt() + 1);
        }
    }

    Deletion delete(RequestTarget target, Preconditions preconditions, Options options) {
        StoredObject before = store.get(target.kind(), target.key());
        if (before == null) {
            throw RequestFailure.notFound(target.kind(), target.name());
        }
        check(target, preconditions, before);
        boolean isHeld = before.hasFinalizers();
        if (options.dryRun || (isHeld && before.isBeingDeleted())) {
            return new Deletion(before, !isHeld);
        }
        if (isHeld) {
            ObjectNode marked = marked(before);
            return new Deletion(store.put(target.kind(), target.key(), before, marked, options.user), false);
        }
        if (target.kind() == ResourceKind.NAMESPACE) {
            return new Deletion(deleteNamespace(target, before, options), true);
        }
        store.remove(target.kind(), target.key(), before, options.user);
        return new Deletion(before.deletedAt(store.version()), true);
    }

    private static void check(RequestTarget target, Preconditions preconditions, StoredObject before) {
        String uid = preconditions.uid();
        if (uid != null && !uid.equals(before.uid())) {
            String why = "the UID in the precondition (" + uid + ") does not match the UID in record (" + before.uid()
                    + "). The object might have been deleted and then recreated";
            throw target.kind() == ResourceKind.NAMESPACE
                    ? RequestFailure.conflict(target.kind(), target.name(), uidMismatch(uid, before.uid()))
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
        metadata.put("deletionTimestamp", now());
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
    private StoredObject deleteNamespace(RequestTarget target, StoredObject before, Options options) {
        ObjectNode marked = marked(before);
        defaults.add(target.kind(), marked, before);
        StoredObject terminating = store.put(target.kind(), target.key(), before, marked, options.user);
        deleteContent(before.name(), options.user);
        store.remove(target.kind(), target.key(), terminating, options.user);
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

    /** Times of the server are whole seconds. */
    String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
