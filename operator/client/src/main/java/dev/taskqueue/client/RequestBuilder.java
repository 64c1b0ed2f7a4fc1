package dev.taskqueue.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Gathers an HTTP request: a Task's, that of a batch's template, or that of the Task that reports a batch's end. What is left out comes from the
 * queue's {@code httpTarget}. Of what is said twice, the last counts. For one thread.
 *
 * @param <B> the builder itself
 */
public abstract sealed class RequestBuilder<B extends RequestBuilder<B>>
        permits BatchReport, BatchTemplate, NewTask.Builder {
    private static final Set<String> BODIES = Set.of("body", "bodyBase64", "json", "bodyFrom");

    private final Map<String, Object> request = new LinkedHashMap<>();
    private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Map<String, Map<String, String>> secretHeaders = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    RequestBuilder() {}

    abstract B self();

    /** The request as the API has it; empty if nothing was said. */
    Map<String, Object> request() {
        var whole = new LinkedHashMap<>(request);
        if (!headers.isEmpty()) {
            whole.put("headers", new LinkedHashMap<>(headers));
        }
        if (!secretHeaders.isEmpty()) {
            whole.put("secretHeaders", secretHeaderList());
        }
        return whole;
    }

    /** The same fields, with {@code httpRequest} if anything of it was said. */
    Map<String, Object> withRequest(Map<String, Object> fields) {
        Map<String, Object> whole = request();
        if (!whole.isEmpty()) {
            fields.put("httpRequest", whole);
        }
        return fields;
    }

    private List<Map<String, Object>> secretHeaderList() {
        return secretHeaders.entrySet().stream()
                .map(header -> Map.of("name", header.getKey(), "secretKeyRef", header.getValue()))
                .toList();
    }

    /** The Service that gets the request, by the only port it has. */
    public B target(String service) {
        request.put("serviceRef", Map.of("name", service));
        return self();
    }

    /** The Service that gets the request, in the same namespace, and the name of its port. */
    public B target(String service, String port) {
        request.put("serviceRef", Map.of("name", service, "port", port));
        return self();
    }

    /** The Service that gets the request, in the same namespace, and the number of its port. */
    public B target(String service, int port) {
        request.put("serviceRef", Map.of("name", service, "port", port));
        return self();
    }

    /** Path and query, percent-encoded, with {@code /} at the beginning. */
    public B path(String path) {
        request.put("path", path);
        return self();
    }

    /** Without it: the queue's, else POST. */
    public B method(NewTask.Method method) {
        request.put("method", method.name());
        return self();
    }

    /** Everybody who may read the object sees it; capitals in its name do not matter. */
    public B header(String name, String value) {
        removeHeader(name);
        headers.put(name, value);
        return self();
    }

    /**
     * A header whose value is that of a Secret's key, in the same namespace, read anew for each attempt; a line break at its end is cut
     * off. Deliveries wait, reason SourceNotFound, while Secret or key is missing.
     */
    public B secretHeader(String name, String secret, String key) {
        removeHeader(name);
        secretHeaders.put(name, Map.of("name", secret, "key", key));
        return self();
    }

    private void removeHeader(String name) {
        headers.remove(name);
        secretHeaders.remove(name);
    }

    /** The body as text, sent as UTF-8; at most 256 KiB. Everybody who may read the object sees it. */
    public B body(String text) {
        return body("body", text);
    }

    /** The body as it is; at most 256 KiB. */
    public B body(byte[] bytes) {
        return body("bodyBase64", Base64.getEncoder().encodeToString(bytes));
    }

    /**
     * The body as JSON, by Jackson with the modules it finds and times as text. It is sent with {@code Content-Type: application/json}
     * unless this or the queue sets another. For another mapper write {@code json(mapper.valueToTree(value))}.
     *
     * <p>It stands in the object as {@code json}, where people can read it. The API server keeps numbers as 64-bit integers or floating
     * point. If that would change a number, or if the value is {@code null} or too large, it stands there as text in {@code body}.
     *
     * @throws IllegalArgumentException where Jackson cannot write it
     */
    public B json(Object value) {
        JsonNode tree = JsonBodies.tree(value);
        String text = JsonBodies.text(tree);
        return JsonBodies.isKept(tree, text) ? body("json", tree) : jsonText(text);
    }

    private B jsonText(String text) {
        if (!secretHeaders.containsKey("Content-Type")) {
            headers.putIfAbsent("Content-Type", "application/json");
        }
        return body(text);
    }

    /**
     * The body is the value of a Secret's key, in the same namespace, at most 1 MiB; read anew for each attempt, so keep it until the Task
     * or the batch has ended. Deliveries wait, reason SourceNotFound, while it is missing.
     */
    public B bodyFromSecret(String secret, String key) {
        return body("bodyFrom", Map.of("secretKeyRef", Map.of("name", secret, "key", key)));
    }

    /** The same of a ConfigMap's key, for what everybody may read who may read ConfigMaps there. */
    public B bodyFromConfigMap(String configMap, String key) {
        return body("bodyFrom", Map.of("configMapKeyRef", Map.of("name", configMap, "key", key)));
    }

    private B body(String field, Object value) {
        request.keySet().removeAll(BODIES);
        request.put(field, value);
        return self();
    }

    /** The request carries a token of this ServiceAccount, made for the target: {@code http://SERVICE.NAMESPACE.svc}. */
    public B token(String serviceAccount) {
        request.put("serviceAccountToken", Map.of("serviceAccountName", serviceAccount));
        return self();
    }

    /** The request carries a token of this ServiceAccount, made for this audience. */
    public B token(String serviceAccount, String audience) {
        request.put("serviceAccountToken", Map.of("serviceAccountName", serviceAccount, "audience", audience));
        return self();
    }
}
