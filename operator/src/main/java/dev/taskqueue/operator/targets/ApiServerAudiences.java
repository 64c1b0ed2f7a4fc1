package dev.taskqueue.operator.targets;

import io.fabric8.kubernetes.client.Config;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Knows the audiences that the API server accepts: its well-known name, and the audiences of the operator's own token. */
final class ApiServerAudiences {
    private static final String WELL_KNOWN = "https://kubernetes.default.svc";

    private final Config config;

    ApiServerAudiences(Config config) {
        this.config = config;
    }

    boolean contains(String audience) {
        // A blank audience counts as none, and a token without an audience is for the API server.
        return audience.isBlank()
                || audience.toLowerCase(Locale.ROOT).startsWith(WELL_KNOWN)
                || JwtClaims.of(currentToken()).audiences().contains(audience);
    }

    /** Reads the token anew each time: a Pod's token is replaced about every hour, and the client knows the current one. */
    private @Nullable String currentToken() {
        return config.getOauthTokenProvider() != null
                ? config.getOauthTokenProvider().getToken()
                : config.getOauthToken() != null ? config.getOauthToken() : config.getAutoOAuthToken();
    }
}
