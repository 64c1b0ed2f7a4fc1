package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Obstacle.Kind;
import dev.taskqueue.operator.domain.Obstacle.Subject;

/** Whose token it is and for whom, and what stands in the way of getting it. */
record TokenKey(String namespace, String serviceAccount, String audience) {

    /** The account, the right or the audience must change. */
    TokenGrant.Denied denied(String rest) {
        return denied(new Subject(Kind.ServiceAccount, namespace, serviceAccount, audience), rest);
    }

    /**
     * The API server failed.
     *
     * @param what such as {@code HTTP 503}; differs from look to look
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
