package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.Values.text;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The objects that Tasks refer to: which exist, and which Services have ready endpoints. */
final class ClusterObjects {
    /** ServiceAccounts, permissions, Secrets and ConfigMaps are not watched: "one probe per cause, 1 s growing to 30 s". */
    private static final long PROBE = 30_000_000_000L;

    private final Map<String, Set<String>> byKind = new HashMap<>();
    /** For each Service, its EndpointSlices that have a ready endpoint. */
    private final Map<String, Set<String>> ready = new HashMap<>();

    /** For each Service its ports by name and number, for each Secret and ConfigMap its keys; by kind and name. */
    private final Map<String, Set<String>> parts = new HashMap<>();
    /** What each key of each Secret and ConfigMap has had, by kind, name and key. */
    private final Map<String, List<Content>> contents = new HashMap<>();
    /** When each ServiceAccount was deleted, by its uid. */
    private final Map<String, Long> gone = new HashMap<>();
    /** The namespaces that have had a Task or a batch. */
    private final Set<String> withTasks = new HashSet<>();
    /** Until when a change in a namespace may go unnoticed. */
    private final Map<String, Long> changed = new HashMap<>();

    /** The bytes of a key; something else was stored at {@code replacedAt}. */
    private static final class Content {
        final int hash;
        long replacedAt = Values.NEVER;

        Content(int hash) {
            this.hash = hash;
        }
    }

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
        if (fact.kind().equals("Secret") || fact.kind().equals("ConfigMap")) {
            contents(fact.kind() + name + '/', deleted ? null : fact.object(), at);
        }
        // Nobody can wait for it before there is a first Task.
        boolean isProbed = !watched && withTasks.contains(namespace);
        changed.merge(namespace, isProbed ? at + PROBE : at, Math::max);
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

    private void contents(String object, @Nullable JsonNode now, long at) {
        contents.forEach((key, versions) -> {
            if (key.startsWith(object)) {
                Content last = versions.getLast();
                last.replacedAt = Math.min(last.replacedAt, at);
            }
        });
        if (now != null) {
            boolean encoded = object.startsWith("Secret");
            now.path("data").properties().forEach(entry -> content(object, entry, encoded));
            now.path("binaryData").properties().forEach(entry -> content(object, entry, true));
        }
    }

    private void content(String object, Map.Entry<String, JsonNode> entry, boolean encoded) {
        String text = entry.getValue().asText();
        byte[] bytes = encoded ? Base64.getDecoder().decode(text) : text.getBytes(UTF_8);
        contents.computeIfAbsent(object + entry.getKey(), key -> new ArrayList<>())
                .add(new Content(Arrays.hashCode(bytes)));
    }

    /** Whether a key of a Secret or ConfigMap had bytes with this hash at any time since then; true if the run does not show what is in it. */
    boolean had(String kind, String object, String key, int hash, long since) {
        List<Content> versions = contents.get(kind + object + '/' + key);
        return versions == null
                || versions.stream().anyMatch(content -> content.hash == hash && content.replacedAt >= since);
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

    /** A Task or a batch was stored. */
    void hasTasks(String namespace) {
        withTasks.add(namespace);
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
