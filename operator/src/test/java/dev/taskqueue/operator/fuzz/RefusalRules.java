package dev.taskqueue.operator.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;

/** What a refusal of the API server must say. */
final class RefusalRules {
    /** Without the value, which Kubernetes shows in full in some causes. */
    private static final int LONGEST_CAUSE = 2_000;

    private static final int SHORTEST_MESSAGE = 20;
    private static final Set<Integer> CODES = Set.of(400, 413, 422);

    private RefusalRules() {}

    /** What is wrong with the refusal; empty if it is in order. */
    static Optional<Finding> judge(FuzzSpec spec, FuzzClient.Reply reply) {
        String text = reply.text();
        String message = reply.body().path("message").asText();
        // Two specs of a batch may have the same odd name.
        boolean nameTaken = reply.body().path("reason").asText().equals("AlreadyExists");
        if (!CODES.contains(reply.code()) && !nameTaken) {
            return finding("a refusal has another code than 400, 413 and 422", spec, reply.code() + " " + text);
        }
        if (!reply.body().path("kind").asText().equals("Status") || message.length() < SHORTEST_MESSAGE) {
            return finding("a refusal is no Status with a sentence", spec, text);
        }
        JsonNode causes = reply.body().path("details").path("causes");
        if (reply.code() == 422 && causes.isEmpty()) {
            return finding("a refusal names no field", spec, text);
        }
        int longest = LONGEST_CAUSE + 2 * FuzzClient.write(spec.manifest()).length();
        for (JsonNode cause : causes) {
            if (cause.path("field").asText().isEmpty()
                    || cause.path("message").asText().isEmpty()) {
                return finding("a cause of a refusal has no field or no sentence", spec, cause.toString());
            }
            if (cause.path("message").asText().length() > longest) {
                return finding("a cause of a refusal is too long", spec, cut(cause.toString()));
            }
        }
        if (text.contains("canary-body") || text.contains(FuzzWorld.SECRET)) {
            return finding("a refusal shows a body", spec, cut(text));
        }
        return Optional.empty();
    }

    private static Optional<Finding> finding(String rule, FuzzSpec spec, String seen) {
        return Optional.of(new Finding(rule, spec.index(), cut(seen)));
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_CAUSE ? text : text.substring(0, LONGEST_CAUSE) + "...";
    }
}
