package dev.taskqueue.operator.targets;

import java.util.Locale;

/** Knows the audiences that the API server accepts: its well-known name, and the audiences of the operator's own token. */
final class ApiServerAudiences {
    private static final String WELL_KNOWN = "https://kubernetes.default.svc";

    private final TokenSource source;

    ApiServerAudiences(TokenSource source) {
        this.source = source;
    }

    boolean contains(String audience) {
        // A blank audience counts as none, and a token without an audience is for the API server.
        return audience.isBlank()
                || audience.toLowerCase(Locale.ROOT).startsWith(WELL_KNOWN)
                || JwtClaims.of(source.ownToken()).audiences().contains(audience);
    }
}
