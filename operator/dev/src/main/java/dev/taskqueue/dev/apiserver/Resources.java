package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.dev.apiserver.ApiFailure.Cause;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The verbs. Each reads the object, makes a new object from it and gives that to the store. If somebody else wrote meanwhile, it starts again. So no
 * lock is held while an object is checked.
 */
final class Resources {
    private static final int GENERATED_CHARACTERS = 5;
    private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";

    private final Store store;
    private final InstantSource clock;

    /**
     * The options of a write.
     *
     * @param applier the manager of a server-side apply; empty = it is another kind of write
     */
    record Options(boolean dryRun, FieldValidation validation, String applier) {
        /** The options of a write by the server itself. */
        static final Options PLAIN = new Options(false, FieldValidation.IGNORE, "");
    }

    /** How to handle fields that the schema does not know. */
    enum FieldValidation {
        IGNORE,
        WARN,
        STRICT
    }

    /** @param warnings for the user, one sentence each */
    record Written(ObjectNode object, List<String> warnings) {}

    /**
     * The preconditions of a delete.
     *
     * @param uid empty = any
     * @param version empty = any
     */
    record Preconditions(String uid, String version) {
        static final Preconditions NONE = new Preconditions("", "");
    }

    Resources(Store store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    ObjectNode get(ResourcePath place) {
        ObjectNode object = store.get(place.type(), place.namespace(), place.name());
        if (object == null) {
            throw ApiFailure.notFound(place.type(), place.name());
        }
        return object;
    }

    Written create(ResourcePath place, ObjectNode object, Options options) {
        ResourceType type = place.type();
        ObjectNode metadata = Metadata.of(object);
        Admission.identify(place, object);
        if (type.namespaced() && store.get(ResourceTypes.NAMESPACES, "", place.namespace()) == null) {
            throw ApiFailure.notFound(ResourceTypes.NAMESPACES, place.namespace());
        }
        boolean generated = Metadata.name(object).isEmpty();
        String prefix = Metadata.text(object, "generateName");
        if (generated && prefix.isEmpty()) {
            throw ApiFailure.invalid(
                    type,
                    null,
                    List.of(new Cause(
                            "FieldValueRequired",
                            "metadata.name",
                            "Required value: name or generateName is required")));
        }
        metadata.remove(List.of("resourceVersion", "uid", "selfLink", "deletionTimestamp", "managedFields"));
        metadata.put("uid", UUID.randomUUID().toString());
        metadata.put("creationTimestamp", now());
        metadata.put("generation", 1);
        if (type.statusApart()) {
            object.remove("status");
        }
        noteApplier(object, options.applier());
        if (generated) {
            metadata.put("name", prefix + suffix());
        }
        List<String> warnings = Admission.admit(type, object, null, options.validation());
        if (!options.dryRun()) {
            while (!store.create(type, object)) {
                if (!generated) {
                    throw ApiFailure.alreadyExists(type, Metadata.name(object));
                }
                metadata.put("name", prefix + suffix());
            }
            if (type.equals(ResourceTypes.NAMESPACES)) {
                furnish(Metadata.name(object));
            }
        }
        return new Written(object, warnings);
    }

    /** Creates the account {@code default}, which every namespace of a cluster has. */
    private void furnish(String namespace) {
        ObjectNode account = Json.object();
        account.putObject("metadata").put("name", "default");
        create(new ResourcePath(ResourceTypes.SERVICE_ACCOUNTS, namespace, "", ""), account, Options.PLAIN);
    }

    /** PUT. Without a resourceVersion the last write wins. Our own kinds require a resourceVersion. */
    Written replace(ResourcePath place, ObjectNode object, Options options) {
        if (place.type().custom() != null && Metadata.version(object).isEmpty()) {
            throw ApiFailure.invalid(
                    place.type(),
                    place.name(),
                    List.of(new Cause(
                            "FieldValueInvalid",
                            "metadata.resourceVersion",
                            "Invalid value: 0: must be specified for an update")));
        }
        return change(place, before -> object.deepCopy(), options);
    }

    /**
     * Changes an object by a function of its current state. If the object was changed meanwhile, the function is called again.
     *
     * @param change gets a copy that it may keep
     */
    Written change(ResourcePath place, UnaryOperator<ObjectNode> change, Options options) {
        while (true) {
            ObjectNode before = get(place);
            ObjectNode after = change.apply(before.deepCopy());
            Admission.identify(place, after);
            refuseStale(place, before, after);
            carryOver(place, before, after);
            noteApplier(after, options.applier());
            List<String> warnings = Admission.admit(place.type(), after, before, options.validation());
            count(place.type(), before, after);
            if (options.dryRun() || after.equals(before)) {
                return new Written(after, warnings);
            }
            if (Metadata.isBeingDeleted(after) && !Metadata.hasFinalizers(after)) {
                if (store.delete(place.type(), before)) {
                    return new Written(after, warnings);
                }
            } else if (store.replace(place.type(), before, after)) {
                return new Written(after, warnings);
            }
        }
    }

    /**
     * Notes in the object that it was applied, because the operator and GitOps controllers look for this. It does not list the fields: nobody here
     * reads them.
     */
    private void noteApplier(ObjectNode object, String applier) {
        if (applier.isEmpty()) {
            return;
        }
        ArrayNode managers = Metadata.of(object).withArray("/managedFields");
        for (JsonNode manager : managers) {
            if (manager.path("manager").asText().equals(applier)
                    && manager.path("operation").asText().equals("Apply")) {
                return;
            }
        }
        managers.addObject()
                .put("manager", applier)
                .put("operation", "Apply")
                .put("apiVersion", object.path("apiVersion").asText())
                .put("time", now())
                .put("fieldsType", "FieldsV1")
                .putObject("fieldsV1");
    }

    private static void refuseStale(ResourcePath place, ObjectNode before, ObjectNode after) {
        String wanted = Metadata.version(after);
        if (!wanted.isEmpty() && !wanted.equals(Metadata.version(before))) {
            throw ApiFailure.conflict(
                    place.type(),
                    place.name(),
                    "the object has been modified; please apply your changes to the latest version and try again");
        }
        String uid = Metadata.uid(after);
        if (!uid.isEmpty() && !uid.equals(Metadata.uid(before))) {
            throw ApiFailure.conflict(
                    place.type(),
                    place.name(),
                    "Precondition failed: UID in precondition: " + uid + ", UID in object meta: "
                            + Metadata.uid(before));
        }
    }

    /**
     * Keeps the old values of everything that this write cannot change: the server's own fields, and depending on the path either the status or all
     * but the status.
     */
    private static void carryOver(ResourcePath place, ObjectNode before, ObjectNode after) {
        JsonNode was = before.path("metadata");
        if (place.isStatus()) {
            JsonNode status = after.path("status").deepCopy();
            after.removeAll();
            after.setAll(before.deepCopy());
            Metadata.set(after, "status", status);
            return;
        }
        if (place.type().statusApart()) {
            JsonNode status = before.path("status");
            Metadata.set(after, "status", status.isMissingNode() ? null : status.deepCopy());
        }
        ObjectNode metadata = Metadata.of(after);
        for (String field : List.of(
                "uid",
                "creationTimestamp",
                "resourceVersion",
                "generation",
                "deletionTimestamp",
                "deletionGracePeriodSeconds",
                "generateName")) {
            Metadata.set(metadata, field, was.path(field));
        }
    }

    private static void count(ResourceType type, ObjectNode before, ObjectNode after) {
        ObjectNode from = before.deepCopy();
        ObjectNode to = after.deepCopy();
        List<String> uncounted = type.statusApart() ? List.of("metadata", "status") : List.of("metadata");
        from.remove(uncounted);
        to.remove(uncounted);
        if (!from.equals(to)) {
            ObjectNode metadata = Metadata.of(after);
            metadata.put("generation", metadata.path("generation").asLong() + 1);
        }
    }

    /** Deletes an object and returns its last state. An object with finalizers stays and is marked as deleted. */
    ObjectNode delete(ResourcePath place, Preconditions preconditions, boolean dryRun) {
        while (true) {
            ObjectNode before = get(place);
            check(place, before, "UID", preconditions.uid(), Metadata.uid(before));
            check(place, before, "ResourceVersion", preconditions.version(), Metadata.version(before));
            if (dryRun || remove(place.type(), before)) {
                return before;
            }
        }
    }

    private boolean remove(ResourceType type, ObjectNode before) {
        if (!Metadata.hasFinalizers(before)) {
            if (type.equals(ResourceTypes.NAMESPACES)) {
                empty(Metadata.name(before));
            }
            return store.delete(type, before);
        }
        if (Metadata.isBeingDeleted(before)) {
            return true;
        }
        ObjectNode marked = before.deepCopy();
        Metadata.of(marked).put("deletionTimestamp", now()).put("deletionGracePeriodSeconds", 0);
        return store.replace(type, before, marked);
    }

    /** Deletes a namespace with all objects in it, as the namespace controller of a cluster does. */
    private void empty(String namespace) {
        store.types().stream()
                .filter(ResourceType::namespaced)
                .forEach(type -> deleteAll(new ResourcePath(type, namespace, "", ""), ObjectSelector.ALL));
    }

    List<ObjectNode> deleteAll(ResourcePath place, ObjectSelector selection) {
        var deleted = new ArrayList<ObjectNode>();
        for (ObjectNode object : store.list(place.type(), place.namespace(), selection, null, Integer.MAX_VALUE)
                .objects()) {
            var one = new ResourcePath(place.type(), Metadata.namespace(object), Metadata.name(object), "");
            try {
                deleted.add(delete(one, Preconditions.NONE, false));
            } catch (ApiFailure gone) {
                if (gone.code() != 404) {
                    throw gone;
                }
            }
        }
        return deleted;
    }

    private static void check(
            ResourcePath place, ObjectNode object, String what, String wanted, @Nullable String actual) {
        if (!wanted.isEmpty() && !wanted.equals(actual)) {
            throw ApiFailure.conflict(
                    place.type(),
                    Metadata.name(object),
                    "Precondition failed: " + what + " in precondition: " + wanted + ", " + what + " in object meta: "
                            + actual);
        }
    }

    String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String suffix() {
        var suffix = new StringBuilder();
        for (int i = 0; i < GENERATED_CHARACTERS; i++) {
            suffix.append(LETTERS.charAt(ThreadLocalRandom.current().nextInt(LETTERS.length())));
        }
        return suffix.toString();
    }
}
