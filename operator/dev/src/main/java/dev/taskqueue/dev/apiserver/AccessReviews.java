package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** Answers what a caller may do. Every caller of this server is an administrator, so the answer is always yes. */
final class AccessReviews {
    static final String PATH = "apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    private AccessReviews() {}

    /** @throws ApiFailure 400 if the body is no review */
    static ObjectNode answer(@Nullable JsonNode body) {
        if (!(body instanceof ObjectNode review) || !review.path("spec").isObject()) {
            throw ApiFailure.badRequest("the body must be a SelfSubjectAccessReview with a spec");
        }
        ObjectNode answer =
                review.deepCopy().put("apiVersion", "authorization.k8s.io/v1").put("kind", "SelfSubjectAccessReview");
        answer.putObject("status")
                .put("allowed", true)
                .put("reason", "every caller of this server is an administrator");
        return answer;
    }
}
