package dev.taskqueue.gateway.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.cluster.ClusterRequest;
import dev.taskqueue.gateway.cluster.ClusterTransport;
import dev.taskqueue.gateway.mapping.ObjectJson;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A cluster in memory, as far as the gateway asks one: Tasks, TaskBatches, TaskQueues, reviews of tokens and of access. It keeps every request. */
public final class MemoryCluster implements ClusterTransport {
    private static final Pattern OBJECTS = Pattern.compile(
            "/apis/taskqueue.dev/v1beta1/namespaces/([^/]+)/(tasks|taskqueues|taskbatches)(?:/([^/]+))?");

    /** Requests in their order. */
    public final List<ClusterRequest> requests = new CopyOnWriteArrayList<>();

    private final Map<String, ObjectNode> objects = new ConcurrentSkipListMap<>();
    private final Map<String, Token> tokens = new ConcurrentHashMap<>();
    private final List<String> denied = new CopyOnWriteArrayList<>();
    private final Deque<Fault> faults = new ArrayDeque<>();
    private final AtomicInteger versions = new AtomicInteger();

    private record Token(String user, String audience) {}

    /**
     * What happens to the next write: the connection breaks, before or after it is done, the object is delivered and deleted right after it, the API
     * server has just started, or a quota changes.
     */
    public enum Fault {
        LOST_REQUEST,
        LOST_ANSWER,
        DELIVERED,
        STARTING,
        CONFLICT
    }

    /** Lets a token stand for a user. */
    public void token(String token, String user, String audience) {
        tokens.put(token, new Token(user, audience));
    }

    /** Forbids a user something, such as {@code create tasks}. */
    public void deny(String user, String verbAndResource) {
        denied.add(user + " " + verbAndResource);
    }

    /** Lets the next writes to objects fail, one each. */
    public synchronized void fail(Fault... next) {
        faults.addAll(Arrays.asList(next));
    }

    /** An object in the cluster; null if it is not there. */
    public @Nullable ObjectNode get(String namespace, String resource, String name) {
        return objects.get(namespace + "/" + resource + "/" + name);
    }

    /** All objects of a kind. */
    public List<ObjectNode> all(String namespace, String resource) {
        return objects.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(namespace + "/" + resource + "/"))
                .map(Map.Entry::getValue)
                .toList();
    }

    /** Puts an object there as kubectl does. */
    public void put(String namespace, String resource, String json) {
        try {
            store(namespace, resource, (ObjectNode) ObjectJson.MAPPER.readTree(json));
        } catch (IOException wrong) {
            throw new IllegalArgumentException(json, wrong);
        }
    }

    @Override
    public synchronized ClusterReply send(ClusterRequest request) throws IOException {
        requests.add(request);
        if (request.path().endsWith("/tokenreviews")) {
            return reviewToken(body(request));
        }
        if (request.path().endsWith("/subjectaccessreviews")) {
            return reviewAccess(body(request));
        }
        String[] parts = request.path().split("\\?", 2);
        Matcher path = OBJECTS.matcher(parts[0]);
        if (!path.matches()) {
            return reply(404, MissingNode.getInstance());
        }
        Fault fault = request.method().equals("GET") ? null : faults.poll();
        if (fault == Fault.LOST_REQUEST) {
            throw new IOException("connection lost");
        }
        if (fault == Fault.STARTING) {
            return status(403, "Forbidden", "no roles are known yet", "tasks", "");
        }
        if (fault == Fault.CONFLICT) {
            return status(409, "Conflict", "the quota has been modified", "resourcequotas", "");
        }
        ClusterReply reply = handle(request, path, parts.length == 1 ? "" : parts[1]);
        if (fault == Fault.DELIVERED) {
            objects.remove(path.group(1) + "/" + path.group(2) + "/"
                    + body(request).path("metadata").path("name").asText());
        }
        if (fault == Fault.LOST_ANSWER) {
            throw new IOException("connection lost");
        }
        return reply;
    }

    private static JsonNode body(ClusterRequest request) {
        JsonNode body = request.body();
        return body == null ? MissingNode.getInstance() : body;
    }

    private ClusterReply handle(ClusterRequest request, Matcher path, String query) {
        String namespace = path.group(1);
        String resource = path.group(2);
        String name = path.group(3);
        String verb = switch (request.method()) {
            case "GET" -> name == null ? "list" : "get";
            case "POST" -> "create";
            case "PATCH" -> "patch";
            default -> name == null ? "deletecollection" : "delete";
        };
        if (denied.contains(request.user() + " " + verb + " " + resource)) {
            return status(
                    403,
                    "Forbidden",
                    resource + ".taskqueue.dev is forbidden: User \"" + request.user() + "\" cannot " + verb,
                    resource,
                    "");
        }
        return switch (verb) {
            case "create" -> create(namespace, resource, (ObjectNode) body(request));
            case "list" -> list(namespace, resource, query);
            case "deletecollection" -> deleteAll(namespace, resource, query);
            default -> one(verb, namespace, resource, String.valueOf(name), body(request));
        };
    }

    private ClusterReply create(String namespace, String resource, ObjectNode object) {
        String name = object.path("metadata").path("name").asText();
        if (get(namespace, resource, name) != null) {
            return status(409, "AlreadyExists", name + " already exists", resource, name);
        }
        return reply(201, store(namespace, resource, object.deepCopy()));
    }

    private ObjectNode store(String namespace, String resource, ObjectNode object) {
        ObjectNode metadata = object.withObjectProperty("metadata");
        metadata.put("namespace", namespace);
        if (!metadata.has("uid")) {
            metadata.put("uid", "uid-" + versions.incrementAndGet());
            metadata.put(
                    "creationTimestamp",
                    Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        }
        metadata.put("resourceVersion", String.valueOf(versions.incrementAndGet()));
        objects.put(namespace + "/" + resource + "/" + metadata.path("name").asText(), object);
        return object;
    }

    private ClusterReply one(String verb, String namespace, String resource, String name, JsonNode body) {
        ObjectNode object = get(namespace, resource, name);
        if (object == null) {
            return status(404, "NotFound", name + " not found", resource, name);
        }
        if (verb.equals("delete")) {
            objects.remove(namespace + "/" + resource + "/" + name);
            return reply(200, object);
        }
        if (verb.equals("patch")) {
            String version = body.path("metadata").path("resourceVersion").asText("");
            if (!version.isEmpty()
                    && !version.equals(
                            object.path("metadata").path("resourceVersion").asText())) {
                return status(409, "Conflict", "the object has been modified", resource, name);
            }
            ObjectNode patched = object.deepCopy();
            merge(patched, (ObjectNode) body);
            return reply(200, store(namespace, resource, patched));
        }
        return reply(200, object);
    }

    private static void merge(ObjectNode into, ObjectNode patch) {
        patch.properties().forEach(field -> {
            if (field.getValue().isNull()) {
                into.remove(field.getKey());
            } else if (field.getValue() instanceof ObjectNode inner) {
                merge(into.withObjectProperty(field.getKey()), inner);
            } else {
                into.set(field.getKey(), field.getValue());
            }
        });
    }

    private ClusterReply list(String namespace, String resource, String query) {
        int limit = Integer.parseInt(parameter(query, "limit").orElse("500"));
        String after = parameter(query, "continue").orElse("");
        List<ObjectNode> found = selected(namespace, resource, query).stream()
                .filter(object -> name(object).compareTo(after) > 0)
                .toList();
        ObjectNode list = ObjectJson.object();
        ObjectNode metadata = list.putObject("metadata").put("resourceVersion", String.valueOf(versions.get()));
        found.stream().limit(limit).forEach(list.putArray("items")::add);
        if (found.size() > limit) {
            metadata.put("continue", name(found.get(limit - 1)));
        }
        return reply(200, list);
    }

    private List<ObjectNode> selected(String namespace, String resource, String query) {
        String selector = parameter(query, "fieldSelector").orElse("");
        return all(namespace, resource).stream()
                .filter(object -> Arrays.stream(selector.split(",", -1)).allMatch(one -> matches(object, one)))
                .toList();
    }

    private static boolean matches(ObjectNode object, String selector) {
        if (selector.isEmpty()) {
            return true;
        }
        boolean not = selector.contains("!=");
        String[] parts = selector.split("!?=", 2);
        String value = object.at("/" + parts[0].replace('.', '/')).asText("");
        return not != value.equals(parts[1]);
    }

    private static String name(ObjectNode object) {
        return object.path("metadata").path("name").asText();
    }

    private ClusterReply deleteAll(String namespace, String resource, String query) {
        selected(namespace, resource, query)
                .forEach(object -> objects.remove(namespace + "/" + resource + "/" + name(object)));
        return reply(200, ObjectJson.object());
    }

    private static Optional<String> parameter(String query, String name) {
        return Arrays.stream(query.split("&", -1))
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8))
                .findFirst();
    }

    private ClusterReply reviewToken(JsonNode review) {
        Token token = tokens.get(review.path("spec").path("token").asText());
        ObjectNode answer = ObjectJson.object();
        ObjectNode status = answer.putObject("status");
        List<String> wanted = new ArrayList<>();
        review.path("spec").path("audiences").forEach(audience -> wanted.add(audience.asText()));
        if (token != null && wanted.contains(token.audience())) {
            status.put("authenticated", true).putArray("audiences").add(token.audience());
            status.putObject("user")
                    .put("username", token.user())
                    .putArray("groups")
                    .add("system:authenticated");
        }
        return reply(201, answer);
    }

    private ClusterReply reviewAccess(JsonNode review) {
        JsonNode spec = review.path("spec");
        String asked = spec.path("user").asText() + " "
                + spec.path("resourceAttributes").path("verb").asText() + " "
                + spec.path("resourceAttributes").path("resource").asText();
        ObjectNode answer = ObjectJson.object();
        answer.putObject("status").put("allowed", !denied.contains(asked));
        return reply(201, answer);
    }

    private static ClusterReply status(int code, String reason, String message, String kind, String name) {
        ObjectNode status = ObjectJson.object();
        status.put("kind", "Status").put("reason", reason).put("message", message);
        status.putObject("details").put("kind", kind).put("name", name);
        return reply(code, status);
    }

    private static ClusterReply reply(int code, JsonNode body) {
        return new ClusterReply(code, body, Optional.of(Instant.now().truncatedTo(ChronoUnit.SECONDS)), 0);
    }

    /** A watch without events. */
    @Override
    public Watch watch(String path) {
        var closed = new CountDownLatch(1);
        return new Watch() {
            @Override
            public Optional<String> next() throws IOException {
                try {
                    closed.await();
                } catch (InterruptedException stopping) {
                    Thread.currentThread().interrupt();
                }
                return Optional.empty();
            }

            @Override
            public void close() {
                closed.countDown();
            }
        };
    }
}
