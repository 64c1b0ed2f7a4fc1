package dev.taskqueue.operator.targets;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says why the API server gave no token, and what to do. RBAC and admission policies may both answer 403, but need different remedies. Of an answer
 * only the name of the policy or webhook is shown, and the sentence that it gave as its reason.
 */
final class TokenRefusal {
    private static final Pattern ADMISSION = Pattern.compile(
            "(?<kind>ValidatingAdmissionPolicy|admission webhook) ['\"](?<name>[a-zA-Z0-9.-]{1,253})['\"]"
                    + ".*?denied (?:the )?request(?:: (?<sentence>.*))?",
            Pattern.DOTALL);
    /** The value of the chart that lists further audiences. The chart's own policy names it in its refusal. */
    private static final String AUDIENCES = "admissionPolicies.tokenGuard.audiences";
    /** Longer texts are cut, so that the end of the sentence fits into the 256 characters that status has for it. */
    private static final int SHOWN_NAME = 60;

    private TokenRefusal() {}

    static TokenGrant.Denied of(TokenKey key, KubernetesClientException failure) {
        // The message of the exception itself may hold parts of any answer, so it is never shown.
        return admission(key, failure.getStatus()).orElseGet(() -> byCode(key, failure.getCode()));
    }

    private static Optional<TokenGrant.Denied> admission(TokenKey key, @Nullable Status status) {
        if (status == null || status.getMessage() == null) {
            return Optional.empty();
        }
        Matcher refusal = ADMISSION.matcher(status.getMessage());
        if (!refusal.find()) {
            return Optional.empty();
        }
        String name = shown(refusal.group("name"));
        String sentence = refusal.group("sentence");
        if (sentence != null && sentence.contains(AUDIENCES)) {
            return Optional.of(key.denied("gets no token for audience " + shown(key.audience()) + ": policy " + name
                    + " lets the operator have only those of Services and listed ones. List it in " + AUDIENCES + "."));
        }
        return Optional.of(key.denied("gets no token for audience " + shown(key.audience()) + ": "
                + refusal.group("kind") + " " + name + " refuses it to the operator"
                + (sentence == null ? "." : " (" + shown(sentence) + ").")));
    }

    private static TokenGrant.Denied byCode(TokenKey key, int code) {
        return switch (code) {
            case 404 -> key.denied("does not exist: create it.");
            case 403 ->
                key.denied("gets no token, because the operator may not ask for one: grant it the verb create on"
                        + " serviceaccounts/token with resourceNames [" + key.serviceAccount() + "] in namespace "
                        + key.namespace() + ".");
            default -> key.failed(code > 0 ? "HTTP " + code : "no answer");
        };
    }

    private static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= SHOWN_NAME ? line : line.substring(0, SHOWN_NAME - 3) + "...";
    }
}
