package dev.taskqueue.operator.plan;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.api.ServiceRef;
import dev.taskqueue.operator.domain.Obstacle;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The Services of the manifests, to check the ports that queues and Tasks name. Other Services may exist in the cluster. */
final class ManifestServices {
    private final Map<String, JsonNode> services = new HashMap<>();

    private record Port(String name, String number) {
        boolean is(IntOrString asked) {
            String text = String.valueOf(asked.getValue());
            return text.equals(number) || (asked.getStrVal() != null && text.equals(name));
        }

        @Override
        public String toString() {
            return name.isEmpty() ? number : name + " (" + number + ")";
        }
    }

    ManifestServices(List<ManifestObject> objects) {
        for (ManifestObject declared : objects) {
            if (isService(declared)) {
                services.put(
                        declared.namespace() + "/" + declared.name(),
                        declared.object().path("spec"));
            }
        }
    }

    static boolean isService(ManifestObject declared) {
        return declared.kind().equals("Service")
                && declared.object().path("apiVersion").asText().equals("v1");
    }

    /** Why Tasks would wait for this target, in the operator's words. Empty if they would not, or if the Service is not in the manifests. */
    Optional<Finding> problem(String namespace, @Nullable ServiceRef target) {
        if (target == null || target.name() == null) {
            return Optional.empty();
        }
        String service = namespace + "/" + target.name();
        JsonNode spec = services.get(service);
        if (spec == null) {
            return Optional.empty();
        }
        if (spec.path("type").asText().equals("ExternalName")) {
            return Optional.of(Finding.warning(
                    Obstacle.Reason.TargetRefused.name(),
                    "Service %s is of type ExternalName, which is never called: name a Service with endpoints of its own."
                            .formatted(service)));
        }
        return missingPort(ports(spec), target.port())
                .map(rest -> Finding.warning(
                        Obstacle.Reason.TargetNotFound.name(), "Service " + service + " " + rest));
    }

    private static Optional<String> missingPort(List<Port> ports, @Nullable IntOrString asked) {
        if (ports.isEmpty()) {
            return Optional.of("has no TCP port: give it one.");
        }
        String names = ports.stream().map(Port::toString).collect(Collectors.joining(", "));
        if (asked == null) {
            return ports.size() == 1
                    ? Optional.empty()
                    : Optional.of("has several ports: name one of " + names + " in serviceRef.port.");
        }
        return ports.stream().anyMatch(port -> port.is(asked))
                ? Optional.empty()
                : Optional.of(
                        "has no port \"" + asked.getValue() + "\": name one of " + names + " in serviceRef.port.");
    }

    /** Only TCP ports; an absent protocol is TCP. */
    private static List<Port> ports(JsonNode spec) {
        return StreamSupport.stream(spec.path("ports").spliterator(), false)
                .filter(port -> port.path("protocol").asText("TCP").equals("TCP"))
                .map(port -> new Port(
                        port.path("name").asText(""), port.path("port").asText()))
                .toList();
    }
}
