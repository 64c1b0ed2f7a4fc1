package dev.taskqueue.gateway.auth;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.gateway.mapping.ObjectJson;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * Answers the exchange of RFC 8693 that Google's libraries make for credentials of the type {@code external_account}: the subject token comes back
 * as access token. Nothing is kept, and nothing is checked that each later call does not check anyway.
 */
public final class TokenExchange {
    private static final String GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
    private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";
    private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
    private static final int LONGEST = 8_192;

    private final InstantSource clock;

    public TokenExchange(InstantSource clock) {
        this.clock = clock;
    }

    /** The answer to a form; absent if the request is invalid. */
    public Optional<ObjectNode> answer(Map<String, String> form) {
        String token = form.getOrDefault("subject_token", "");
        if (!GRANT.equals(form.get("grant_type"))
                || !JWT.equals(form.get("subject_token_type"))
                || token.length() > LONGEST) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        return TokenExpiry.expiry(token).filter(end -> end.isAfter(now)).map(end -> {
            ObjectNode answer = ObjectJson.object();
            answer.put("access_token", token)
                    .put("issued_token_type", ACCESS_TOKEN)
                    .put("token_type", "Bearer")
                    .put("expires_in", Duration.between(now, end).toSeconds());
            return answer;
        });
    }
}
