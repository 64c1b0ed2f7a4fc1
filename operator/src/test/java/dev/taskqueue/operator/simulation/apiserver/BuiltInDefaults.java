package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the server adds to objects of Kubernetes' own kinds. */
final class BuiltInDefaults {
    private static final String PROTOCOL = "protocol";
    private static final String CLUSTER_IP = "clusterIP";

    /** The number of the next ClusterIP in 10.96.0.0/12. Addresses are not used again. */
    private int nextAddress = 1;

    /** @param before the object before the write; null = it is new */
    void add(ResourceKind kind, ObjectNode object, @Nullable StoredObject before) {
        switch (kind) {
            case NAMESPACE -> namespace(object);
            case SECRET -> secret(object);
            case CONFIG_MAP -> removeEmptyData(object);
            case SERVICE -> service(object, before);
            case ENDPOINT_SLICE -> endpointSlice(object);
            default -> {}
        }
    }

    private static void namespace(ObjectNode namespace) {
        ObjectNode metadata = Json.inner(namespace, "metadata");
        ObjectNode labels = Json.shallowCopy(Json.inner(metadata, "labels"));
        metadata.set(
                "labels",
                labels.put("kubernetes.io/metadata.name", metadata.path("name").asText()));
        ObjectNode spec = Json.shallowCopy(Json.inner(namespace, "spec"));
        if (!spec.has("finalizers")) {
            spec.putArray("finalizers").add("kubernetes");
        }
        namespace.set("spec", spec);
        boolean isTerminating = metadata.has("deletionTimestamp");
        namespace.set("status", Json.object().put("phase", isTerminating ? "Terminating" : "Active"));
    }

    private static void secret(ObjectNode secret) {
        if (!secret.has("type")) {
            secret.put("type", "Opaque");
        }
        JsonNode texts = secret.remove("stringData");
        if (texts instanceof ObjectNode) {
            ObjectNode data = Json.shallowCopy(Json.inner(secret, "data"));
            texts.properties()
                    .forEach(text -> data.put(
                            text.getKey(),
                            Base64.getEncoder()
                                    .encodeToString(text.getValue().asText().getBytes(StandardCharsets.UTF_8))));
            secret.set("data", data);
        }
        removeEmptyData(secret);
    }

    private static void removeEmptyData(ObjectNode object) {
        if (object.has("data") && object.path("data").isEmpty()) {
            object.remove("data");
        }
    }

    private void service(ObjectNode service, @Nullable StoredObject before) {
        ObjectNode spec = Json.inner(service, "spec").deepCopy();
        service.set("spec", spec);
        setDefault(spec, "type", "ClusterIP");
        setDefault(spec, "sessionAffinity", "None");
        for (JsonNode port : spec.path("ports")) {
            setDefault((ObjectNode) port, PROTOCOL, "TCP");
            if (!port.has("targetPort")) {
                ((ObjectNode) port).set("targetPort", port.path("port"));
            }
        }
        if (!service.has("status")) {
            service.putObject("status").putObject("loadBalancer");
        }
        if (!spec.path("type").asText().equals("ExternalName")) {
            address(spec, before);
        }
    }

    private void address(ObjectNode spec, @Nullable StoredObject before) {
        setDefault(spec, "internalTrafficPolicy", "Cluster");
        if (spec.path(CLUSTER_IP).asText().isEmpty()) {
            String kept = before == null
                    ? ""
                    : before.tree().path("spec").path(CLUSTER_IP).asText();
            spec.put(CLUSTER_IP, kept.isEmpty() ? nextAddress() : kept);
        }
        if (!spec.has("clusterIPs")) {
            spec.putArray("clusterIPs").add(spec.path(CLUSTER_IP).asText());
        }
        if (!spec.has("ipFamilies")) {
            spec.putArray("ipFamilies").add("IPv4");
            spec.put("ipFamilyPolicy", "SingleStack");
        }
    }

    private String nextAddress() {
        int number = nextAddress++;
        return "10." + (96 + (number >> 16)) + "." + ((number >> 8) & 255) + "." + (number & 255);
    }

    private static void endpointSlice(ObjectNode slice) {
        for (String field : List.of("ports", "endpoints")) {
            if (slice.get(field) instanceof ArrayNode list) {
                slice.set(field, list.deepCopy());
            }
        }
        for (JsonNode port : slice.path("ports")) {
            setDefault((ObjectNode) port, PROTOCOL, "TCP");
        }
        for (JsonNode endpoint : slice.path("endpoints")) {
            if (!endpoint.has("conditions")) {
                ((ObjectNode) endpoint).putObject("conditions");
            }
        }
    }

    private static void setDefault(ObjectNode object, String field, String value) {
        if (!object.has(field)) {
            object.put(field, value);
        }
    }
}
