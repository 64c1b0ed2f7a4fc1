package dev.taskqueue.operator.simulation.apiserver;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.apiserver.RequestFailure.FieldError;
import java.time.Instant;
import java.util.Base64;
import java.util.random.RandomGenerator;

/** Answers TokenRequests. The tokens look like those of a real server, but nobody can verify their signatures. */
final class TokenIssuer {
    private static final String GROUP = "authentication.k8s.io";
    private static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
    private static final String HEADER = encoded("{\"alg\":\"RS256\",\"kid\":\"simulated\"}".getBytes(UTF_8));
    private static final long SHORTEST_SECONDS = 600;
    private static final long USUAL_SECONDS = 3600;

    private final RandomGenerator random;

    TokenIssuer(RandomGenerator random) {
        this.random = random;
    }

    ObjectNode issue(StoredObject account, JsonNode request, Instant now) {
        JsonNode spec = request.path("spec");
        long seconds = spec.path("expirationSeconds").asLong(USUAL_SECONDS);
        if (seconds < SHORTEST_SECONDS) {
            String message = "Invalid value: " + seconds + ": may not specify a duration less than 10 minutes";
            throw RequestFailure.invalidRequest(
                    GROUP, "TokenRequest", new FieldError("FieldValueInvalid", "spec.expirationSeconds", message));
        }
        ObjectNode answer = Json.object().put("kind", "TokenRequest").put("apiVersion", GROUP + "/v1");
        answer.putObject("metadata")
                .put("name", account.name())
                .put("namespace", account.namespace())
                .put("uid", account.uid())
                .put("creationTimestamp", now.toString());
        ObjectNode granted = answer.putObject("spec").put("expirationSeconds", seconds);
        if (spec.path("audiences").isEmpty()) {
            granted.putArray("audiences").add(ISSUER);
        } else {
            granted.set("audiences", spec.path("audiences"));
        }
        answer.putObject("status")
                .put("token", token(account, granted.path("audiences"), now, seconds))
                .put("expirationTimestamp", now.plusSeconds(seconds).toString());
        return answer;
    }

    private String token(StoredObject account, JsonNode audiences, Instant now, long seconds) {
        ObjectNode claims = Json.object().set("aud", audiences);
        claims.put("exp", now.getEpochSecond() + seconds).put("iat", now.getEpochSecond());
        claims.put("iss", ISSUER).put("jti", Long.toHexString(random.nextLong()));
        ObjectNode kubernetes = claims.putObject("kubernetes.io").put("namespace", account.namespace());
        kubernetes.putObject("serviceaccount").put("name", account.name()).put("uid", account.uid());
        claims.put("nbf", now.getEpochSecond());
        claims.put("sub", "system:serviceaccount:" + account.namespace() + ":" + account.name());
        String signature = encoded(Long.toHexString(random.nextLong()).getBytes(UTF_8));
        return HEADER + "." + encoded(Json.bytes(claims)) + "." + signature;
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
