package dev.taskqueue.operator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.testing.ControlPlane;
import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.ShownManifests;
import dev.taskqueue.operator.testing.StatusConditions;
import dev.taskqueue.operator.testing.TestCluster;
import io.fabric8.kubernetes.api.model.Service;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Checks the view of a Git tool: applies every manifest of the samples and the pages in each possible way, lets the operator work on it, and compares
 * it with the object in the API server. A field that was added or changed would be out of sync for ever.
 */
@Order(TestCluster.LONG_FIRST)
class InSyncIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OURS = "taskqueue.dev/v1beta1";
    /** Objects for tools that this control plane does not run: a GitOps tool, kustomize. */
    private static final String FOREIGN = ".*(argoproj\\.io|fluxcd\\.io|kustomize\\.config\\.k8s\\.io)/.*";

    /** The test does not wait for a Task that is due later than this. */
    private static final Duration SOON = Duration.ofSeconds(10);

    /** How manifests come to the API server. Unknown fields are refused. */
    enum Way {
        CREATE,
        APPLY,
        SERVER_SIDE;

        List<String> command() {
            return switch (this) {
                case CREATE -> List.of("create", "--validate=strict");
                case APPLY -> List.of("apply", "--validate=strict");
                case SERVER_SIDE -> List.of("apply", "--validate=strict", "--server-side", "--field-manager=git");
            };
        }

        /** The kubectl command that shows the changes that this way would make. */
        List<String> diff() {
            return this == SERVER_SIDE
                    ? List.of("diff", "--server-side", "--field-manager=git")
                    : List.of("diff", "--server-side=false");
        }
    }

    /** One folder or page in its own namespace. */
    private record Place(ShownManifests manifests, TestCluster cluster, ObjectNode list) {}

    private final List<TestCluster> clusters = new ArrayList<>();
    private final ControlPlane plane = ControlPlane.shared();

    @AfterEach
    void close() {
        clusters.reversed().forEach(TestCluster::close);
    }

    @ParameterizedTest
    @EnumSource
    void whatWasBroughtInStaysAsItsManifestHasIt(Way way) throws Exception {
        List<Place> places = new ArrayList<>();
        for (ShownManifests manifests : ShownManifests.all()) {
            places.add(bringIn(manifests, way));
        }
        clusters.getFirst()
                .privilegedOperator("NAMESPACES="
                        + clusters.stream().map(TestCluster::namespace).collect(Collectors.joining(",")));
        JsonNode queueDefaults = queueDefaults();
        var differences = new ArrayList<String>();
        int ended = 0;
        for (Place place : places) {
            for (JsonNode object : ours(place.list())) {
                JsonNode live = atRest(place.cluster(), object);
                boolean isQueue = object.path("kind").asText().equals("TaskQueue");
                ended += hasEnded(live) ? 1 : 0;
                var found = new ArrayList<String>();
                compare(
                        "spec",
                        object.path("spec"),
                        live.path("spec"),
                        isQueue ? queueDefaults : JSON.missingNode(),
                        found);
                compareMetadata(way, object.path("metadata"), live, found);
                found.forEach(difference ->
                        differences.add("%s %s: %s".formatted(place.manifests().origin(), name(object), difference)));
            }
            if (way != Way.CREATE) {
                assertThat(kubectl(place, way.diff()))
                        .as(place.manifests().origin())
                        .isEmpty();
            }
        }
        assertThat(differences).isEmpty();
        assertThat(places).hasSizeGreaterThan(12);
        assertThat(ended).isGreaterThan(40);
    }

    private Place bringIn(ShownManifests manifests, Way way) throws Exception {
        var cluster = new TestCluster();
        clusters.add(cluster);
        ObjectNode list = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "List");
        for (ObjectNode object : manifests.objects()) {
            if (!object.path("apiVersion").asText().matches(FOREIGN)
                    && !object.path("kind").asText().equals("Namespace")) {
                list.withArray("items").add(way == Way.CREATE ? object : named(object));
            }
        }
        var place = new Place(manifests, cluster, list);
        if (list.path("items").isEmpty()) {
            return place;
        }
        var command = new ArrayList<>(way.command());
        command.addAll(List.of("-o", "json"));
        List<String> names = names(kubectl(place, command));
        for (int i = 0; i < names.size(); i++) {
            ((ObjectNode) list.at("/items/" + i + "/metadata")).put("name", names.get(i));
        }
        openWorkers(cluster, list);
        return place;
    }

    /**
     * The names of the objects that kubectl created, including those that the API server chose. Kubectl writes one list, or one object after the
     * other.
     */
    private static List<String> names(String json) throws IOException {
        try (MappingIterator<JsonNode> written = JSON.readerFor(JsonNode.class).readValues(json)) {
            return written.readAll().stream()
                    .flatMap(one -> one.has("items") ? one.path("items").valueStream() : Stream.of(one))
                    .map(InSyncIT::name)
                    .toList();
        }
    }

    /** Gives the object a name: kubectl cannot apply an object without one. */
    private static ObjectNode named(ObjectNode object) {
        ObjectNode metadata = (ObjectNode) object.path("metadata");
        JsonNode prefix = metadata.remove("generateName");
        if (prefix != null) {
            metadata.put("name", prefix.asText() + "1");
        }
        return object;
    }

    /** Opens a worker behind each Service that a request goes to. One path always fails, so that there are Failed Tasks too. */
    private static void openWorkers(TestCluster cluster, JsonNode list) {
        Set<String> targets = list.findValues("serviceRef").stream()
                .map(target -> target.path("name").asText())
                .collect(Collectors.toSet());
        for (Service service : cluster.plane()
                .client()
                .services()
                .inNamespace(cluster.namespace())
                .list()
                .getItems()) {
            String name = service.getMetadata().getName();
            if (targets.contains(name)) {
                int port = service.getSpec().getPorts().getFirst().getPort();
                cluster.workerAt(service.getSpec().getClusterIP(), port)
                        .script(request -> Answer.of(request.line().contains("/loyalty-points") ? 500 : 200));
                cluster.endpoint(name, true, "[{name: http, port: %d}]".formatted(port));
            }
        }
    }

    /** The defaults that the API server itself adds. A Git tool can ignore them: they are fields of objects, and not of lists. */
    private JsonNode queueDefaults() throws JsonProcessingException {
        String empty = "{apiVersion: %s, kind: TaskQueue, metadata: {name: defaults}}".formatted(OURS);
        return JSON.readTree(plane.kubectlWithInput(
                        empty,
                        "create",
                        "-n",
                        clusters.getFirst().namespace(),
                        "--dry-run=server",
                        "-o",
                        "json",
                        "-f",
                        "-"))
                .path("spec");
    }

    private static List<JsonNode> ours(JsonNode list) {
        var ours = new ArrayList<JsonNode>();
        list.path("items").forEach(object -> {
            if (object.path("apiVersion").asText().equals(OURS)) {
                ours.add(object);
            }
        });
        return ours;
    }

    /** The object after the operator did everything that it can do soon. */
    private static JsonNode atRest(TestCluster cluster, JsonNode object) {
        String name = name(object);
        if (object.path("kind").asText().equals("TaskQueue")) {
            cluster.awaitSettled(name, 1);
            return cluster.getQueue(name);
        }
        if (object.path("kind").asText().equals("TaskBatch")) {
            cluster.awaitBatch(name, InSyncIT::isAtRest, "at rest");
            return cluster.getBatch(name);
        }
        cluster.await(name, InSyncIT::isAtRest, "at rest");
        return cluster.get(name);
    }

    private static boolean isAtRest(JsonNode status) {
        String next = status.path("nextAttemptTime").asText();
        boolean waitsLong = status.path("state").asText().equals("Scheduled")
                && Instant.parse(next).isAfter(Instant.now().plus(SOON));
        String accepted = StatusConditions.conditions(status).getOrDefault("Accepted", "");
        return hasEnded(JSON.createObjectNode().set("status", status)) || waitsLong || accepted.startsWith("False");
    }

    private static boolean hasEnded(JsonNode object) {
        return object.at("/status/completionTime").isTextual();
    }

    private static void compare(
            String path, JsonNode wanted, JsonNode found, JsonNode defaults, List<String> differences) {
        if (wanted.isArray() && found.size() == wanted.size()) {
            for (int i = 0; i < wanted.size(); i++) {
                compare(path + "[" + i + "]", wanted.get(i), found.path(i), JSON.missingNode(), differences);
            }
        } else if (wanted.isObject() && found.isObject()) {
            wanted.properties()
                    .forEach(field -> compare(
                            path + "." + field.getKey(),
                            field.getValue(),
                            found.path(field.getKey()),
                            defaults.path(field.getKey()),
                            differences));
            found.properties().forEach(field -> {
                if (!wanted.has(field.getKey()) && !field.getValue().equals(defaults.path(field.getKey()))) {
                    differences.add(path + "." + field.getKey() + " was added: " + field.getValue());
                }
            });
        } else if (!wanted.equals(found)) {
            differences.add(path + " is " + found + " instead of " + wanted);
        }
    }

    private static void compareMetadata(Way way, JsonNode wanted, JsonNode live, List<String> differences) {
        JsonNode metadata = live.path("metadata");
        ObjectNode annotations = JSON.createObjectNode();
        metadata.path("annotations").properties().forEach(field -> annotations.set(field.getKey(), field.getValue()));
        if (way == Way.APPLY) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
        }
        if (way != Way.CREATE && hasEnded(live)) {
            annotations.remove("taskqueue.dev/completed");
        }
        compare(
                "metadata.annotations",
                orEmpty(wanted.path("annotations")),
                annotations,
                JSON.missingNode(),
                differences);
        for (String field : List.of("labels", "finalizers", "ownerReferences")) {
            compare(
                    "metadata." + field,
                    orEmpty(wanted.path(field)),
                    orEmpty(metadata.path(field)),
                    JSON.missingNode(),
                    differences);
        }
    }

    private static JsonNode orEmpty(JsonNode node) {
        return node.isMissingNode() ? JSON.createObjectNode() : node;
    }

    private static String name(JsonNode object) {
        return object.at("/metadata/name").asText();
    }

    private String kubectl(Place place, List<String> command) {
        if (place.list().path("items").isEmpty()) {
            return "";
        }
        var all = new ArrayList<>(command);
        all.addAll(List.of("-n", place.cluster().namespace(), "-f", "-"));
        return plane.kubectlWithInput(place.list().toString(), all.toArray(String[]::new));
    }
}
