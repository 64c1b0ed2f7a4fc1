package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.apiserver.RequestFailure.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** The fields of metadata that belong to the server, and what a client may say about them. */
final class MetadataRules {
    private static final String LETTERS = "bcdfghjklmnpqrstvwxz2456789";
    private static final int GENERATED_LETTERS = 5;
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final String IMMUTABLE = ": field is immutable";

    /** A write cannot change them: each keeps its stored value. */
    private static final List<String> KEPT = List.of(
            "creationTimestamp", "resourceVersion", "generation", "deletionGracePeriodSeconds", "managedFields");

    /** Empty ones are left out. */
    private static final List<String> COLLECTIONS = List.of("labels", "annotations", "finalizers", "ownerReferences");

    private final RandomGenerator random;

    MetadataRules(RandomGenerator random) {
        this.random = random;
    }

    /** Checks that an object is of the kind, the namespace and the name that the path names. */
    static void checkIdentity(RequestTarget target, ObjectNode object) {
        ResourceKind kind = target.kind();
        JsonNode metadata = object.path("metadata");
        checkKind(kind, object, metadata.path("name").asText());
        String name = metadata.path("name").asText();
        if (!target.isCollection() && !name.equals(target.name())) {
            throw RequestFailure.badRequest(
                    "the name of the object (" + name + ") does not match the name on the URL (" + target.name() + ")");
        }
        String namespace = metadata.path("namespace").asText();
        if (!namespace.isEmpty() && !namespace.equals(target.namespace())) {
            throw RequestFailure.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request");
        }
    }

    private static void checkKind(ResourceKind kind, ObjectNode object, String name) {
        String given = object.path("kind").asText();
        if (given.equals(kind.kind())) {
            return;
        }
        if (kind.isCustom() && !given.isEmpty()) {
            throw RequestFailure.wrongKind(kind, given, name);
        }
        if (kind.isCustom() || !given.isEmpty()) {
            throw RequestFailure.badRequest(
                    "the object provided is unrecognized (must be of type " + kind.kind() + ")");
        }
        object.put("kind", kind.kind()).put("apiVersion", kind.apiVersion());
    }

    /** Returns the metadata of a new object. */
    ObjectNode created(RequestTarget target, ObjectNode object, String time) {
        ObjectNode metadata = Json.shallowCopy(Json.inner(object, "metadata"));
        if (!metadata.path("resourceVersion").asText().isEmpty()) {
            throw RequestFailure.internal("resourceVersion should not be set on objects to be created");
        }
        metadata.remove(List.of("deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "generation"));
        metadata.remove(List.of("managedFields", "selfLink"));
        removeEmpty(metadata);
        setName(target, metadata);
        if (target.kind().isNamespaced()) {
            metadata.put("namespace", target.namespace());
        }
        metadata.put("uid", new UUID(random.nextLong(), random.nextLong()).toString());
        metadata.put("creationTimestamp", time);
        if (target.kind().hasGeneration()) {
            metadata.put("generation", 1);
        }
        return metadata;
    }

    private void setName(RequestTarget target, ObjectNode metadata) {
        String prefix = metadata.path("generateName").asText();
        if (metadata.path("name").asText().isEmpty() && !prefix.isEmpty()) {
            metadata.put("name", prefix + generated());
        }
        String name = metadata.path("name").asText();
        if (name.isEmpty()) {
            throw invalid(target, "", "FieldValueRequired", "name", "Required value: name or generateName is required");
        }
        if (!SUBDOMAIN.matcher(name).matches()) {
            String message =
                    "Invalid value: \"" + name + "\": a lowercase RFC 1123 subdomain must consist of lower case"
                            + " alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
            throw invalid(target, name, "FieldValueInvalid", "name", message);
        }
    }

    private String generated() {
        var letters = new StringBuilder(GENERATED_LETTERS);
        for (int i = 0; i < GENERATED_LETTERS; i++) {
            letters.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return letters.toString();
    }

    /** Returns the metadata after a change of an object: what the client may change, and what is kept. */
    static ObjectNode changed(RequestTarget target, StoredObject before, ObjectNode object) {
        ObjectNode metadata = Json.shallowCopy(Json.inner(object, "metadata"));
        refuseChange(target, before, metadata, "uid");
        refuseChange(target, before, metadata, "deletionTimestamp");
        for (String field : KEPT) {
            Json.set(metadata, field, before.metadata().get(field));
        }
        Json.set(metadata, "namespace", before.metadata().get("namespace"));
        metadata.remove("selfLink");
        removeEmpty(metadata);
        if (before.isBeingDeleted()) {
            refuseNewFinalizers(target, before, metadata);
        }
        return metadata;
    }

    /** A field that may be left out, but not changed. */
    private static void refuseChange(RequestTarget target, StoredObject before, ObjectNode metadata, String field) {
        JsonNode old = before.metadata().get(field);
        String wanted = metadata.path(field).asText("");
        if (!wanted.isEmpty() && (old == null || !wanted.equals(old.asText()))) {
            throw invalid(
                    target, before.name(), "FieldValueInvalid", field, "Invalid value: \"" + wanted + "\"" + IMMUTABLE);
        }
        Json.set(metadata, field, old);
    }

    private static void refuseNewFinalizers(RequestTarget target, StoredObject before, ObjectNode metadata) {
        var added = new ArrayList<String>();
        for (JsonNode finalizer : metadata.path("finalizers")) {
            if (!contains(before.metadata().path("finalizers"), finalizer)) {
                added.add("\"" + finalizer.asText() + "\"");
            }
        }
        if (!added.isEmpty()) {
            String message = "Forbidden: no new finalizers can be added if the object is being deleted,"
                    + " found new finalizers []string{" + String.join(", ", added) + "}";
            throw invalid(target, before.name(), "FieldValueForbidden", "finalizers", message);
        }
    }

    private static boolean contains(JsonNode list, JsonNode value) {
        for (JsonNode each : list) {
            if (each.equals(value)) {
                return true;
            }
        }
        return false;
    }

    private static void removeEmpty(ObjectNode metadata) {
        for (String field : COLLECTIONS) {
            JsonNode value = metadata.get(field);
            if (value != null
                    && (value.isNull() || ((value.isObject() || value instanceof ArrayNode) && value.isEmpty()))) {
                metadata.remove(field);
            }
        }
    }

    private static RequestFailure invalid(
            RequestTarget target, String name, String reason, String field, String message) {
        return RequestFailure.invalid(target.kind(), name, new FieldError(reason, "metadata." + field, message));
    }
}
