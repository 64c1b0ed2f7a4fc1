package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.taskqueue.operator.task.TaskJson;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What an answer to a write means: one table for all kinds of writes. Only a Kubernetes {@code Status} is a refusal by the API server; any other body
 * comes from a proxy on the way and decides nothing. The reasons never quote values, which may be private.
 */
public sealed interface WriteAnswer {
    /**
     * The API server has done the write.
     *
     * @param body the body of the answer
     */
    record Done(JsonNode body) implements WriteAnswer {}

    /** There is no such object, or it is no longer the one that the write was for. */
    record NotFound() implements WriteAnswer {}

    /** Something else was written first, or the name is already in use. */
    record Conflict() implements WriteAnswer {}

    /**
     * The write failed, and may succeed later.
     *
     * @param why ends a sentence for people, here and in the records below
     * @param atLeast how long the API server asks clients to wait
     */
    record RetryLater(String why, Duration atLeast) implements WriteAnswer {}

    /** The answer was 403, which may pass: a permission may take effect soon, and a starting API server answers 403 until it has read its rules. */
    record Forbidden(String why) implements WriteAnswer {}

    /** The API server refuses the write for good. */
    record Rejected(String why) implements WriteAnswer {}

    /** No answer that can be read: the write may have been done. */
    record Lost(String why) implements WriteAnswer {}

    /** Nothing was sent, because another process may lead. */
    record Fenced() implements WriteAnswer {}

    /** So long a 403 to the creation of a dead letter or a report counts as something that passes. */
    Duration FORBIDDEN_CREATION_GRACE = Duration.ofSeconds(30);

    /** Stands for an answer while the fence is closed for a moment. Nothing was sent. */
    WriteAnswer UNDECIDED = new RetryLater("it is not known whether this process is still the leader", Duration.ZERO);

    /** Finds the policy or webhook that refused, in the sentence of the API server. The name of such an object is not private. */
    Pattern ADMISSION =
            Pattern.compile("(ValidatingAdmissionPolicy|admission webhook) ['\"]([a-zA-Z0-9.-]{1,253})['\"]");

    /** Reads an answer to a write. */
    static WriteAnswer of(ApiReply reply) {
        JsonNode body = body(reply);
        if (reply.isSuccess()) {
            return body.isObject() ? new Done(body) : new Lost("the API server's answer makes no sense");
        }
        if (!body.path("kind").asText().equals("Status")) {
            return new RetryLater(reply.refusal(), reply.retryAfter());
        }
        return switch (reply.code()) {
            case 404 -> new NotFound();
            case 409 -> new Conflict();
            case 403 -> isEnding(body) ? new Rejected("the namespace is being deleted") : new Forbidden(why(403, body));
            case 401, 408, 429 -> new RetryLater(reply.refusal(), reply.retryAfter());
            default ->
                reply.code() / 100 == 4 || isTooLarge(body)
                        ? new Rejected(why(reply.code(), body))
                        : new RetryLater(reply.refusal(), reply.retryAfter());
        };
    }

    private static JsonNode body(ApiReply reply) {
        try {
            return TaskJson.tree(reply.body());
        } catch (IOException | IllegalArgumentException unreadable) {
            return MissingNode.getInstance();
        }
    }

    private static boolean isEnding(JsonNode status) {
        return status.at("/details/causes")
                .valueStream()
                .anyMatch(cause -> cause.path("reason").asText().equals("NamespaceTerminating"));
    }

    /** Whether the object is above etcd's limit. The API server answers 500 then. */
    private static boolean isTooLarge(JsonNode status) {
        return status.path("message").asText().contains("request is too large");
    }

    private static String why(int code, JsonNode status) {
        Matcher by = ADMISSION.matcher(status.path("message").asText());
        String who = by.find() ? " by " + by.group(1) + " " + by.group(2) : "";
        return "the API server refused it with " + code + who + fields(status.at("/details/causes"));
    }

    /** Whether a policy or a webhook refused the write, and {@code why} names it. */
    static boolean namesPolicy(String why) {
        return why.contains(" by ValidatingAdmissionPolicy ") || why.contains(" by admission webhook ");
    }

    private static String fields(JsonNode causes) {
        List<String> fields = causes.valueStream()
                .map(cause -> cause.path("field").asText())
                // The API server names fields that it has not checked after the first fault "<nil>".
                .filter(field -> !field.isEmpty() && !field.equals("<nil>"))
                .distinct()
                .limit(3)
                .toList();
        return fields.isEmpty() ? "" : fields.stream().collect(Collectors.joining(", ", " (", ")"));
    }
}
