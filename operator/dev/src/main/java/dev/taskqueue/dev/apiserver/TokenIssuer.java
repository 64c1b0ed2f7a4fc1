package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.taskqueue.dev.apiserver.ApiFailure.Cause;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Signs tokens of ServiceAccounts with its own key, RS256. The key lives as long as the process, and is published in the same way as a cluster's key.
 */
final class TokenIssuer {
    private static final int KEY_BITS = 2048;
    private static final Duration SHORTEST = Duration.ofMinutes(10);
    private static final Duration USUAL = Duration.ofHours(1);
    private static final Duration LONGEST = Duration.ofHours(24);

    private final String issuer;
    private final InstantSource clock;
    private @Nullable RSAKey key;

    TokenIssuer(String issuer, InstantSource clock) {
        this.issuer = issuer;
        this.clock = clock;
    }

    /** Creates the key when it is first needed: few callers need it, and creating it takes a moment. */
    private synchronized RSAKey key() {
        if (key == null) {
            try {
                key = new RSAKeyGenerator(KEY_BITS)
                        .keyUse(KeyUse.SIGNATURE)
                        .algorithm(JWSAlgorithm.RS256)
                        .keyIDFromThumbprint(true)
                        .generate();
            } catch (JOSEException impossible) {
                throw new IllegalStateException("every JDK has RSA", impossible);
            }
        }
        return key;
    }

    /** Fills the status of a TokenRequest for an existing ServiceAccount. */
    ObjectNode answer(ResourceType accounts, ObjectNode account, ObjectNode request) {
        long seconds = request.path("spec").path("expirationSeconds").asLong(USUAL.toSeconds());
        if (seconds < SHORTEST.toSeconds()) {
            throw ApiFailure.invalid(
                    accounts,
                    Metadata.name(account),
                    List.of(new Cause(
                            "FieldValueInvalid",
                            "spec.expirationSeconds",
                            "Invalid value: " + seconds + ": may not specify a duration less than 10 minutes")));
        }
        var audiences = new ArrayList<String>();
        request.path("spec").path("audiences").forEach(audience -> audiences.add(audience.asText()));
        if (audiences.isEmpty()) {
            audiences.add(issuer);
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Instant end = now.plusSeconds(Math.min(seconds, LONGEST.toSeconds()));
        request.put("kind", "TokenRequest").put("apiVersion", "authentication.k8s.io/v1");
        Metadata.of(request)
                .put("name", Metadata.name(account))
                .put("namespace", Metadata.namespace(account))
                .put("creationTimestamp", now.toString());
        request.putObject("status")
                .put("token", sign(account, audiences, now, end))
                .put("expirationTimestamp", end.toString());
        return request;
    }

    private String sign(ObjectNode account, List<String> audiences, Instant now, Instant end) {
        String namespace = Metadata.namespace(account);
        String name = Metadata.name(account);
        var claims = new JWTClaimsSet.Builder()
                .issuer(issuer)
                .subject("system:serviceaccount:" + namespace + ":" + name)
                .audience(audiences)
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(end))
                .jwtID(UUID.randomUUID().toString())
                .claim(
                        "kubernetes.io",
                        Map.of(
                                "namespace",
                                namespace,
                                "serviceaccount",
                                Map.of("name", name, "uid", Metadata.uid(account))))
                .build();
        try {
            var header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                    .keyID(key().getKeyID())
                    .type(JOSEObjectType.JWT)
                    .build();
            var token = new SignedJWT(header, claims);
            token.sign(new RSASSASigner(key()));
            return token.serialize();
        } catch (JOSEException impossible) {
            throw new IllegalStateException("a key of our own signs", impossible);
        }
    }

    /** The answer to {@code /openid/v1/jwks}. */
    JsonNode keys() {
        try {
            return Json.read(new JWKSet(key().toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** The answer to {@code /.well-known/openid-configuration}. */
    JsonNode configuration() {
        ObjectNode configuration = Json.object().put("issuer", issuer).put("jwks_uri", issuer + "/openid/v1/jwks");
        configuration.putArray("response_types_supported").add("id_token");
        configuration.putArray("subject_types_supported").add("public");
        configuration.putArray("id_token_signing_alg_values_supported").add("RS256");
        return configuration;
    }
}
