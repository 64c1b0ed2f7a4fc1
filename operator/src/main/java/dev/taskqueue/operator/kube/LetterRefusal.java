package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What an answer that is no success means for a dead letter. Values are never quoted: the API server's own sentences do, and the request may
 * be private.
 */
sealed interface LetterRefusal {
    /** A permission may be on its way, or the API server may have just started; more than so many of these it means. */
    int MAX_FORBIDDEN = 6;

    /** It will pass. */
    record Passing() implements LetterRefusal {}

    /** The name is in use, or something else is in conflict. */
    record Taken() implements LetterRefusal {}

    /**
     * It may pass.
     *
     * @param why ends a sentence for people; likewise below
     */
    record Forbidden(String why) implements LetterRefusal {}

    /** It will not pass. */
    record Final(String why) implements LetterRefusal {}

    /**
     * Reads one answer.
     *
     * @param status its body; what is no Status comes from something on the way, and says nothing
     */
    static LetterRefusal of(int code, JsonNode status) {
        if (!status.path("kind").asText().equals("Status")) {
            return new Passing();
        }
        JsonNode causes = status.path("details").path("causes");
        return switch (code) {
            case 409 -> new Taken();
            case 401, 408, 429 -> new Passing();
            case 403 ->
                isEnding(causes)
                        ? new Final("the namespace is being deleted")
                        : new Forbidden("the API server refused it with 403; grant the operator create on "
                                + "tasks.taskqueue.dev, and look at the namespace's quota");
            case 404 -> new Final("the namespace is being deleted");
            default ->
                code / 100 == 4 || isTooLarge(status)
                        ? new Final("the API server refused it with " + code + fields(causes)
                                + "; change what Task and httpTarget say there together")
                        : new Passing();
        };
    }

    private static boolean isEnding(JsonNode causes) {
        return causes.valueStream()
                .anyMatch(cause -> cause.path("reason").asText().equals("NamespaceTerminating"));
    }

    /** By etcd's own limit; the API server answers 500. */
    private static boolean isTooLarge(JsonNode status) {
        return status.path("message").asText().contains("request is too large");
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
