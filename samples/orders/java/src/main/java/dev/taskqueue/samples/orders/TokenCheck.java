package dev.taskqueue.samples.orders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.Resource;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.text.ParseException;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request comes from the operator: its token is signed by the cluster, not expired, and made for this Service and for the account
 * that the queue names. Signature and audience alone are not enough: every pod can get a token of its own account for any audience.
 */
final class TokenCheck {
    private static final String KEYS = "/openid/v1/jwks";
    private static final Set<JWSAlgorithm> ALGORITHMS =
            Set.of(JWSAlgorithm.RS256, JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512);

    private final DefaultJWTProcessor<SecurityContext> tokens;

    /** What there is to say of a token. */
    sealed interface Verdict {
        record Good() implements Verdict {}

        record Refused(String why) implements Verdict {}

        /** The cluster's keys could not be read: nothing is known of the token. */
        record NoKeys(String why) implements Verdict {}
    }

    private TokenCheck(DefaultJWTProcessor<SecurityContext> tokens) {
        this.tokens = tokens;
    }

    /**
     * Asks the cluster for its issuer now, and for its keys when they are needed: they are kept for minutes, and read again for a token of an
     * unknown key.
     *
     * @param cluster what the API server answers to a GET of a path, with this process' own credentials
     */
    static TokenCheck of(UnaryOperator<@Nullable String> cluster, String audience, String subject) {
        var keys = JWKSourceBuilder.create(url(), _ -> new Resource(cluster.apply(KEYS), "application/json"))
                .build();
        var tokens = new DefaultJWTProcessor<SecurityContext>();
        tokens.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys));
        tokens.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
                audience,
                new JWTClaimsSet.Builder()
                        .issuer(issuer(cluster.apply("/.well-known/openid-configuration")))
                        .subject(subject)
                        .build(),
                Set.of("exp")));
        return new TokenCheck(tokens);
    }

    Verdict check(@Nullable String authorization) {
        if (authorization == null || !authorization.startsWith("Bearer ")) {
            return new Verdict.Refused("no token");
        }
        try {
            tokens.process(authorization.substring("Bearer ".length()), null);
            return new Verdict.Good();
        } catch (ParseException | BadJOSEException bad) {
            return new Verdict.Refused(String.valueOf(bad.getMessage()));
        } catch (JOSEException noKeys) {
            return new Verdict.NoKeys(String.valueOf(noKeys.getMessage()));
        }
    }

    private static String issuer(@Nullable String configuration) {
        try {
            return new JsonMapper().readTree(configuration).path("issuer").asText();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the API server's /.well-known/openid-configuration is no JSON", e);
        }
    }

    /** Named in messages; the keys come by the client, which knows the cluster's CA and has credentials. */
    private static URL url() {
        try {
            return URI.create("https://kubernetes.default.svc" + KEYS).toURL();
        } catch (MalformedURLException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
