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
 * What an answer to a write means: the one table for every kind of write. Only a Kubernetes {@code Status} is the API server's word on a
 * refusal; anything else comes from something on the way and says nothing. The reasons never quote values, which may be private.
 */
public sealed interface WriteAnswer {
    /**
     * The API server has done what was asked.
     *
     * @param body the answer's
     */
    record Done(JsonNode body) implements WriteAnswer {}

    /** There is no such object. */
    record NotFound() implements WriteAnswer {}

    /** Something else was written first, or the name is in use. */
    record Conflict() implements WriteAnswer {}

    /**
     * It will pass.
     *
     * @param why ends a sentence for people; likewise below
     * @param atLeast how long the API server asks us to stay away
     */
    record RetryLater(String why, Duration atLeast) implements WriteAnswer {}

    /** It may pass: a permission may be on its way, and a starting API server answers so until it has read its own rules. */
    record Forbidden(String why) implements WriteAnswer {}

    /** It will not pass. */
    record Rejected(String why) implements WriteAnswer {}

    /** No answer that could be read: what was asked for may have been done. */
    record Lost(String why) implements WriteAnswer {}

    /** Who refuses by admission, in the API server's own sentences. A name of such an object is no secret. */
    Pattern ADMISSION =
            Pattern.compile("(ValidatingAdmissionPolicy|admission webhook) ['\"]([a-zA-Z0-9.-]{1,253})['\"]");

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

    /** By etcd's own limit; the API server answers 500. */
    private static boolean isTooLarge(JsonNode status) {
        return status.path("message").asText().contains("request is too large");
    }

    private static String why(int code, JsonNode status) {
        Matcher by = ADMISSION.matcher(status.path("message").asText());
        String who = by.find() ? " by " + by.group(1) + " " + by.group(2) : "";
        return "the API server refused it with " + code + who + fields(status.at("/details/causes"));
    }

    private static String fields(JsonNode causes) {
        List<String> fields = causes.valueStream()
                .map(cause -> cause.path("field").asText())
                // What it has not looked at after the first finding, the API server files under "<nil>".
                .filter(field -> !field.isEmpty() && !field.equals("<nil>"))
                .distinct()
                .limit(3)
                .toList();
        return fields.isEmpty() ? "" : fields.stream().collect(Collectors.joining(", ", " (", ")"));
    }
}
