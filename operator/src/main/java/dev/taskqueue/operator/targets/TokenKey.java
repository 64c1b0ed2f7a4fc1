package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.Kind;
import dev.taskqueue.operator.domain.Obstacle.Subject;

/** The account and the audience of a token. It makes the obstacles of a token that cannot be had. */
record TokenKey(String namespace, String serviceAccount, String audience) {

    /** The obstacle until the account, the right or the audience changes. */
    TokenGrant.Denied denied(String rest) {
        return denied(new Subject(Kind.ServiceAccount, namespace, serviceAccount, audience), rest);
    }

    /**
     * The obstacle of a failed request.
     *
     * @param what such as {@code HTTP 503}; it may differ from request to request
     */
    TokenGrant.Denied failed(String what) {
        return denied(
                new Subject(Kind.ApiServer, namespace, "serviceaccounts/" + serviceAccount, audience),
                "has no token yet: it could not be fetched (" + what + "), retried.");
    }

    private TokenGrant.Denied denied(Subject subject, String rest) {
        return new TokenGrant.Denied(new Obstacle(
                Obstacle.Reason.TokenNotPermitted,
                subject,
                "ServiceAccount " + namespace + "/" + serviceAccount + " " + rest));
    }
}
