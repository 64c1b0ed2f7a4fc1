package dev.taskqueue.gateway.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.google.rpc.Code;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.Caller;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.cluster.ClusterFailures;
import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.ObjectJson;
import dev.taskqueue.gateway.ops.GatewayMeters;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets the API server review bearer tokens, and remembers the answers for a while by the hash of the token. Concurrent reviews of one token are
 * one. A token goes nowhere else.
 */
public final class TokenAuthenticator implements Authenticator {
    private static final String PATH = "/apis/authentication.k8s.io/v1/tokenreviews";
    private static final String SCHEME = "bearer ";
    private static final int LONGEST_TOKEN = 8_192;
    private static final BitSet TOKEN_CHARACTERS = new BitSet();

    static {
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~+/=-"
                .chars()
                .forEach(TOKEN_CHARACTERS::set);
    }

    private static final Pattern ACCOUNT = Pattern.compile("system:serviceaccount:[a-z0-9-]{1,63}:[a-z0-9.-]{1,253}");
    private static final Duration REFUSED_AGE = Duration.ofSeconds(5);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MOST = 10_000;

    private final ClusterClient api;
    private final Set<String> audiences;
    private final Duration age;
    private final InstantSource clock;
    private final GatewayMeters meters;
    private final AsyncCache<String, Review> reviews;

    /** What is known of a token: its caller, or why there is none. */
    private record Review(@Nullable Caller caller, String refusal, Duration age) {}

    /**
     * An authenticator with an empty cache.
     *
     * @param audiences one of which a token must have
     * @param age how long an accepted token counts without a new review
     * @param executor runs reviews
     */
    public TokenAuthenticator(
            ClusterClient api,
            Set<String> audiences,
            Duration age,
            InstantSource clock,
            Executor executor,
            GatewayMeters meters) {
        this.api = api;
        this.audiences = audiences;
        this.age = age;
        this.clock = clock;
        this.meters = meters;
        this.reviews = Caffeine.newBuilder()
                .executor(executor)
                .maximumSize(MOST)
                .expireAfter(Expiry.<String, Review>creating((token, review) -> review.age()))
                .buildAsync();
    }

    @Override
    public Caller authenticate(@Nullable String authorization) {
        if (authorization == null) {
            throw unauthenticated(
                    "Request is missing required authentication credential. Send the header Authorization with a bearer token of the audience "
                            + String.join(" or ", audiences) + ".");
        }
        String token = bearer(authorization);
        if (token == null) {
            throw unauthenticated(
                    "Request had invalid authentication credentials: the header Authorization has no bearer token.");
        }
        Review review = review(token);
        Caller caller = review.caller();
        if (caller == null) {
            throw unauthenticated("Request had invalid authentication credentials: " + review.refusal());
        }
        return caller;
    }

    /** The token of a header; null if it has none. Asked for each call, and a regular expression would cost more than all else here. */
    private static @Nullable String bearer(String authorization) {
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return null;
        }
        String token = authorization.substring(SCHEME.length()).stripLeading();
        boolean isToken = !token.isEmpty() && token.length() <= LONGEST_TOKEN && areTokenCharacters(token);
        return isToken ? token : null;
    }

    private static boolean areTokenCharacters(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!TOKEN_CHARACTERS.get(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private Review review(String token) {
        String key = hash(token);
        CompletableFuture<Review> known = reviews.getIfPresent(key);
        if (known != null) {
            meters.tokenCacheHit();
        }
        try {
            return reviews.get(key, ignored -> ask(token)).join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof RpcFailure failure ? failure : failed;
        }
    }

    private Review ask(String token) {
        ObjectNode review = ObjectJson.object();
        review.put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenReview");
        ObjectNode spec = review.putObject("spec").put("token", token);
        var wanted = spec.putArray("audiences");
        audiences.forEach(wanted::add);
        ClusterReply reply = api.review(CallContext.within(Caller.OWN, TIMEOUT), PATH, review);
        if (!reply.isOk()) {
            meters.tokenReview("error");
            RpcFailure failure = ClusterFailures.of(reply);
            throw failure.code() == Code.PERMISSION_DENIED
                    ? RpcFailure.of(
                            Code.UNAVAILABLE, "The gateway may not review tokens; its operator has to grant it.")
                    : failure;
        }
        Review result = judge(reply.body().path("status"), token);
        meters.tokenReview(result.caller() == null ? "refused" : "accepted");
        return result;
    }

    private Review judge(JsonNode status, String token) {
        if (!status.path("authenticated").asBoolean()) {
            return refused(
                    "the token is not valid here, or not for the audience " + String.join(" or ", audiences) + ".");
        }
        boolean audience = false;
        for (JsonNode one : status.path("audiences")) {
            audience |= audiences.contains(one.asText());
        }
        if (!audience) {
            return refused("the token is not for the audience " + String.join(" or ", audiences) + ".");
        }
        String user = status.path("user").path("username").asText();
        if (!ACCOUNT.matcher(user).matches()) {
            return refused("the token is not that of a ServiceAccount.");
        }
        List<String> groups = new ArrayList<>();
        status.path("user").path("groups").forEach(group -> groups.add(group.asText()));
        Duration left = TokenExpiry.expiry(token)
                .map(end -> Duration.between(clock.instant(), end))
                .orElse(age);
        Duration kept = left.compareTo(age) < 0 ? left : age;
        return new Review(new Caller(user, List.copyOf(groups)), "", kept.isPositive() ? kept : Duration.ofMillis(1));
    }

    private static Review refused(String why) {
        return new Review(null, why, REFUSED_AGE);
    }

    private static RpcFailure unauthenticated(String message) {
        return RpcFailure.of(Code.UNAUTHENTICATED, message);
    }

    private static String hash(String token) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }
}
