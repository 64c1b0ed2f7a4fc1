package dev.taskqueue.operator.targets;

import io.fabric8.kubernetes.client.Config;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The audiences that the API server takes for its own: its well-known name, and those of the token that the operator itself shows it. */
final class ApiServerAudiences {
    private static final String WELL_KNOWN = "https://kubernetes.default.svc";

    private final Config config;

    ApiServerAudiences(Config config) {
        this.config = config;
    }

    boolean contains(String audience) {
        // A blank one is no audience, and none at all means the API server's.
        return audience.isBlank()
                || audience.toLowerCase(Locale.ROOT).startsWith(WELL_KNOWN)
                || JwtClaims.of(currentToken()).audiences().contains(audience);
    }

    /** Read anew each time: a Pod's token is replaced about hourly, and the client knows the current one. */
    private @Nullable String currentToken() {
        return config.getOauthTokenProvider() != null
                ? config.getOauthTokenProvider().getToken()
                : config.getOauthToken() != null ? config.getOauthToken() : config.getAutoOAuthToken();
    }
}
