package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.dev.apiserver.ApiFailure.Cause;
import dev.taskqueue.dev.apiserver.Resources.FieldValidation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Gives an object its defaults or refuses it. Every object passes through here before it is stored. */
final class Admission {
    private static final Pattern NAME =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern LABEL = Pattern.compile("(?=.{0,63}$)(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");

    private Admission() {}

    /** Copies what the path says into the object. @throws ApiFailure 400 if the object says something else */
    static void identify(ResourcePath place, ObjectNode object) {
        ResourceType type = place.type();
        agree(object.path("apiVersion").asText(""), type.apiVersion(), "the API version");
        agree(object.path("kind").asText(""), type.kind(), "the kind");
        object.put("apiVersion", type.apiVersion()).put("kind", type.kind());
        ObjectNode metadata = Metadata.of(object);
        if (type.namespaced()) {
            agree(Metadata.namespace(object), place.namespace(), "the namespace");
            metadata.put("namespace", place.namespace());
        } else {
            metadata.remove("namespace");
        }
        if (!place.isCollection()) {
            agree(Metadata.name(object), place.name(), "the name");
            metadata.put("name", place.name());
        }
    }

    private static void agree(String said, String asked, String what) {
        if (!said.isEmpty() && !said.equals(asked)) {
            throw ApiFailure.badRequest(what + " of the provided object (" + said
                    + ") does not match the one of the request (" + asked + ")");
        }
    }

    /**
     * Sets the defaults of the object in place and checks it.
     *
     * @param before the object before the write; null for a new object
     * @return warnings for the user
     * @throws ApiFailure 400 for unknown fields if the request asks for that, 422 if a rule refuses the object
     */
    static List<String> admit(
            ResourceType type, ObjectNode object, @Nullable ObjectNode before, FieldValidation validation) {
        var causes = new ArrayList<>(metadata(object));
        var warnings = new ArrayList<String>();
        CustomRules rules = type.custom();
        if (rules == null) {
            complete(type, object);
        } else {
            List<String> unknown = rules.shape(object);
            switch (validation) {
                case STRICT -> refuse(type, unknown);
                case WARN -> unknown.forEach(field -> warnings.add("unknown field \"" + field + "\""));
                case IGNORE -> {}
            }
            causes.addAll(rules.judge(object, before));
        }
        if (!causes.isEmpty()) {
            throw ApiFailure.invalid(type, Metadata.name(object), causes);
        }
        return warnings;
    }

    private static void refuse(ResourceType type, List<String> unknown) {
        if (!unknown.isEmpty()) {
            String fields = String.join(
                    ", ",
                    unknown.stream()
                            .map(field -> "unknown field \"" + field + "\"")
                            .toList());
            throw ApiFailure.badRequest(type.kind() + " in version \"" + type.version() + "\" cannot be handled as a "
                    + type.kind() + ": strict decoding error: " + fields);
        }
    }

    private static List<Cause> metadata(ObjectNode object) {
        var causes = new ArrayList<Cause>();
        String name = Metadata.name(object);
        boolean rbac = object.path("apiVersion").asText().startsWith("rbac.");
        if (!rbac && !NAME.matcher(name).matches()) {
            causes.add(new Cause(
                    "FieldValueInvalid",
                    "metadata.name",
                    "Invalid value: \"" + name
                            + "\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
                            + "'-' or '.', and must start and end with an alphanumeric character"));
        }
        for (Map.Entry<String, JsonNode> label :
                object.path("metadata").path("labels").properties()) {
            if (!label.getValue().isTextual()
                    || !LABEL.matcher(label.getValue().asText()).matches()) {
                causes.add(
                        new Cause(
                                "FieldValueInvalid",
                                "metadata.labels",
                                "Invalid value: " + label.getValue()
                                        + ": a valid label must be an empty string or consist of at most 63 alphanumeric "
                                        + "characters, '-', '_' or '.', and must start and end with an alphanumeric character"));
            }
        }
        return causes;
    }

    /** Sets those few defaults of Kubernetes' own kinds that some client relies on. */
    private static void complete(ResourceType type, ObjectNode object) {
        if (type.equals(ResourceTypes.SERVICES)) {
            service(object);
        } else if (type.equals(ResourceTypes.NAMESPACES)) {
            object.withObject("/status").put("phase", "Active");
        } else if (type.equals(ResourceTypes.SECRETS)
                && object.path("stringData").isObject()) {
            ObjectNode data = object.withObject("/data");
            object.path("stringData")
                    .properties()
                    .forEach(entry -> data.put(
                            entry.getKey(),
                            Base64.getEncoder()
                                    .encodeToString(entry.getValue().asText().getBytes(StandardCharsets.UTF_8))));
            object.remove("stringData");
        }
    }

    /**
     * Makes a Service without a ClusterIP headless. Nothing here forwards requests from a ClusterIP, so the endpoints of such a Service are called
     * directly, at the ports of their EndpointSlice.
     */
    private static void service(ObjectNode object) {
        ObjectNode spec = object.withObject("/spec");
        if (!spec.has("type")) {
            spec.put("type", "ClusterIP");
        }
        if (!spec.has("clusterIP") && !spec.path("type").asText().equals("ExternalName")) {
            spec.put("clusterIP", "None");
            spec.putArray("clusterIPs").add("None");
        }
        for (JsonNode port : spec.path("ports")) {
            if (port instanceof ObjectNode entry) {
                entry.put("protocol", entry.path("protocol").asText("TCP"));
                if (!entry.has("targetPort")) {
                    Metadata.set(entry, "targetPort", entry.path("port"));
                }
            }
        }
    }
}
