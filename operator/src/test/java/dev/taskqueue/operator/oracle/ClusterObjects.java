package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The objects that Tasks refer to: which exist, and which Services have ready endpoints. */
final class ClusterObjects {
    /** ServiceAccounts, permissions, Secrets and ConfigMaps are not watched: "one probe per cause, 1 s growing to 30 s". */
    private static final long PROBE = 30_000_000_000L;

    private final Map<String, Set<String>> byKind = new HashMap<>();
    /** For each Service, its EndpointSlices that have a ready endpoint. */
    private final Map<String, Set<String>> ready = new HashMap<>();

    /** For each Service its ports by name and number, for each Secret and ConfigMap its keys; by kind and name. */
    private final Map<String, Set<String>> parts = new HashMap<>();
    /** When each ServiceAccount was deleted, by its uid. */
    private final Map<String, Long> gone = new HashMap<>();
    /** Until when a change in a namespace may go unnoticed. */
    private final Map<String, Long> changed = new HashMap<>();

    void stored(Fact.Stored fact, long at) {
        JsonNode metadata = fact.object().path("metadata");
        String namespace = text(metadata, "namespace");
        String name = namespace + '/' + text(metadata, "name");
        Set<String> objects = byKind.computeIfAbsent(fact.kind(), kind -> new HashSet<>());
        boolean deleted = fact.change() == Fact.Change.Deleted;
        if (fact.kind().equals("ServiceAccount")) {
            account(text(metadata, "uid"), deleted, at);
        }
        if (deleted) {
            objects.remove(name);
            parts.remove(fact.kind() + name);
        } else {
            objects.add(name);
            parts(fact.kind(), name, fact.object());
        }
        boolean watched = fact.kind().equals("Service") || fact.kind().equals("EndpointSlice");
        changed.merge(namespace, watched ? at : at + PROBE, Math::max);
        if (fact.kind().equals("EndpointSlice")) {
            String service = namespace + '/' + text(metadata.path("labels"), "kubernetes.io/service-name");
            Set<String> slices = ready.computeIfAbsent(service, key -> new HashSet<>());
            if (!deleted && isReady(fact.object())) {
                slices.add(name);
            } else {
                slices.remove(name);
            }
        }
    }

    private void account(String uid, boolean deleted, long at) {
        if (deleted) {
            gone.put(uid, at);
        } else {
            gone.remove(uid);
        }
    }

    /** When the ServiceAccount with this uid was deleted; {@link Values#NEVER} if it was not. */
    long goneAt(String uid) {
        return gone.getOrDefault(uid, Values.NEVER);
    }

    private void parts(String kind, String name, JsonNode object) {
        Set<String> found = new HashSet<>();
        switch (kind) {
            case "Service" ->
                object.path("spec").path("ports").forEach(port -> {
                    found.add(text(port, "name"));
                    found.add(text(port, "port"));
                });
            case "Secret", "ConfigMap" -> {
                for (String field : new String[] {"data", "stringData", "binaryData"}) {
                    object.path(field).fieldNames().forEachRemaining(found::add);
                }
            }
            default -> {
                return;
            }
        }
        parts.put(kind + name, found);
    }

    private static boolean isReady(JsonNode slice) {
        for (JsonNode endpoint : slice.path("endpoints")) {
            if (endpoint.path("conditions").path("ready").asBoolean(true)) {
                return true;
            }
        }
        return false;
    }

    /** Whether the run shows objects of this kind at all. */
    boolean shows(String kind) {
        return byKind.containsKey(kind);
    }

    /** Also true for a kind that the run does not show. */
    boolean exists(String kind, String namespace, String name) {
        Set<String> objects = byKind.get(kind);
        return objects == null || objects.contains(namespace + '/' + name);
    }

    /** Whether a Service has a port, or a Secret or ConfigMap a key; true if the run does not show what is in it. */
    boolean has(String kind, String namespace, String name, String part) {
        if (!exists(kind, namespace, name)) {
            return false;
        }
        Set<String> found = parts.get(kind + namespace + '/' + name);
        return found == null || found.isEmpty() || found.contains(part);
    }

    long changedAt(String namespace) {
        return changed.getOrDefault(namespace, Values.ALWAYS);
    }

    boolean hasReadyEndpoint(String namespace, String service) {
        Set<String> slices = ready.get(namespace + '/' + service);
        return !shows("EndpointSlice") || (slices != null && !slices.isEmpty());
    }

    long count() {
        long sum = 0;
        for (Set<String> objects : byKind.values()) {
            sum += objects.size();
        }
        return sum;
    }
}
