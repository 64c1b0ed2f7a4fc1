package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.apiserver.RequestFailure.FieldError;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Creates and changes objects. Each method makes its checks in the order of a real server, and then one change of the store. */
final class ObjectWriter {
    private static final String MODIFIED =
            "the object has been modified; please apply your changes to the latest version and try again";

    private final ObjectStore store;
    private final InstantSource clock;
    private final MetadataRules metadataRules;
    private final BuiltInDefaults defaults;

    ObjectWriter(ObjectStore store, InstantSource clock, RandomGenerator random, BuiltInDefaults defaults) {
        this.store = store;
        this.clock = clock;
        this.defaults = defaults;
        this.metadataRules = new MetadataRules(random);
    }

    record Written(StoredObject object, boolean isNew) {}

    Written create(RequestTarget target, ObjectNode object, WriteOptions options) {
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
            metadata.set(
                    "managedFields", ManagedFields.written(null, target, options.manager(), options.apply(), now()));
        }
        String key = RequestTarget.key(target.namespace(), metadata.path("name").asText());
        StoredObject existing = store.get(kind, key);
        if (existing != null) {
            throw RequestFailure.alreadyExists(kind, existing.name(), existing.isBeingDeleted());
        }
        if (options.dryRun()) {
            return new Written(new StoredObject(object, 0), true);
        }
        StoredObject created = store.put(kind, key, null, object, options.user());
        if (kind == ResourceKind.NAMESPACE) {
            furnish(created.name());
        }
        return new Written(created, true);
    }

    /** Creates the account that every namespace has. */
    private void furnish(String namespace) {
        ObjectNode account = Json.object();
        account.putObject("metadata").put("name", "default");
        create(new RequestTarget(ResourceKind.SERVICE_ACCOUNT, namespace, "", ""), account, WriteOptions.OF_CONTROLLER);
    }

    Written replace(RequestTarget target, ObjectNode object, WriteOptions options) {
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
            throw RequestFailure.conflict(kind, target.name(), RequestFailure.uidMismatch(uid, actual));
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

    /** Changes the object by the patch in the request. A server-side apply creates it if it does not exist. */
    Written patch(RequestTarget target, ApiRequest request, WriteOptions options) {
        StoredObject before = store.get(target.kind(), target.key());
        if (before == null && !options.apply()) {
            throw RequestFailure.notFound(target.kind(), target.name());
        }
        if (before == null) {
            return create(target, Patches.patched(target.kind(), Json.object(), request), options);
        }
        ObjectNode after = Patches.patched(target.kind(), before.tree(), request);
        MetadataRules.checkIdentity(target, after);
        return change(target, before, after, options);
    }

    private Written change(RequestTarget target, StoredObject before, ObjectNode wanted, WriteOptions options) {
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
                    "managedFields", ManagedFields.written(entries, target, options.manager(), options.apply(), now()));
        }
        return new Written(store(target, before, after, options), false);
    }

    private StoredObject store(RequestTarget target, StoredObject before, ObjectNode after, WriteOptions options) {
        var changed = new StoredObject(after, before.version());
        if (options.dryRun()) {
            return changed;
        }
        if (before.isBeingDeleted() && !changed.hasFinalizers()) {
            store.remove(target.kind(), target.key(), before, options.user());
            return changed;
        }
        return store.put(target.kind(), target.key(), before, after, options.user());
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

    private String now() {
        return Times.text(clock);
    }
}
