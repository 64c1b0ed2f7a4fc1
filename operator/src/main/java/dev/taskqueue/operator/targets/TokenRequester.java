package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.limits.SharedPool;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests identity tokens of ServiceAccounts for an audience, by the API server's TokenRequest. It never requests a token that the API server itself
 * would accept: the author of a Task would then have the rights of that ServiceAccount.
 *
 * <p>A token lives for an hour, and is used for {@value #REUSE_SECONDS} s only. Then it is requested again, which shows whether the account still
 * exists, is still the same, and still permits the operator to request tokens.
 */
public final class TokenRequester {
    /** How long a token is reused. A request is prepared up to 5 s before it leaves, so the token's last use is 30 s after it was requested. */
    static final int REUSE_SECONDS = 25;

    private static final Duration REUSE = Duration.ofSeconds(REUSE_SECONDS);
    /** The requested life; the API server may grant another. */
    private static final Duration LIFE = Duration.ofHours(1);
    /** A refused token that is younger than this is kept, so that a handler that refuses every token does not cost a request each time. */
    private static final Duration REJECTED_FROM = Duration.ofSeconds(5);

    private static final int CACHED_AT_MOST = 4096;
    private static final int REQUESTS_AT_MOST = 16;

    private final TokenSource source;
    private final LongSupplier nanos;
    private final ApiServerAudiences ownAudiences;
    private final SharedPool cached = new SharedPool("tokens", CACHED_AT_MOST, true);
    private final SharedPool requests = new SharedPool("token-requests", REQUESTS_AT_MOST, true);
    private final TokenCache cache;
    private final Map<TokenKey, CompletableFuture<TokenGrant>> underway = new ConcurrentHashMap<>();

    /**
     * Makes a requester that uses the operator's own account.
     *
     * @param nanos monotonic nanoseconds; no other clock is used
     */
    public TokenRequester(TokenSource source, LongSupplier nanos) {
        this.source = source;
        this.nanos = nanos;
        this.ownAudiences = new ApiServerAudiences(source);
        this.cache = new TokenCache(cached, REUSE, nanos.getAsLong());
    }

    /** The bounds, for the metrics. */
    public List<SharedPool> pools() {
        return List.of(cached, requests);
    }

    /**
     * Returns a token for {@code audience}. Blocks while it is fetched. Each key is fetched once for all callers that wait, and other keys are not
     * delayed.
     */
    public TokenGrant token(String namespace, String serviceAccount, String audience) {
        var key = new TokenKey(namespace, serviceAccount, audience);
        TokenGrant usable = cache.get(key, nanos.getAsLong());
        if (usable != null) {
            return usable;
        }
        if (ownAudiences.contains(audience)) {
            return key.denied("gets no token for the audience \"" + audience
                    + "\", because the API server takes it for its own: name another audience.");
        }
        var mine = new CompletableFuture<TokenGrant>();
        CompletableFuture<TokenGrant> first = underway.putIfAbsent(key, mine);
        if (first != null) {
            return first.join();
        }
        try {
            TokenGrant justFetched = cache.get(key, nanos.getAsLong());
            mine.complete(justFetched != null ? justFetched : fetchInTurn(key));
        } catch (RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            underway.remove(key);
        }
        return mine.join();
    }

    /** The receiver has answered 401 or 403 to this token: the next request gets a new token, unless this one is new. */
    public void rejected(String namespace, String serviceAccount, String audience, String token) {
        cache.reject(new TokenKey(namespace, serviceAccount, audience), token, nanos.getAsLong(), REJECTED_FROM);
    }

    private TokenGrant fetchInTurn(TokenKey key) {
        QueueId holder = TokenCache.holder(key.namespace());
        requests.acquire(holder);
        try {
            return fetch(key);
        } finally {
            requests.release(holder, 1);
        }
    }

    private TokenGrant fetch(TokenKey key) {
        long asked = nanos.getAsLong();
        TokenRequest request = new TokenRequestBuilder()
                .withNewSpec()
                .withAudiences(key.audience())
                .withExpirationSeconds(LIFE.toSeconds())
                .endSpec()
                .build();
        try {
            TokenRequest answer = source.create(key.namespace(), key.serviceAccount(), request);
            return granted(key, asked, answer.getStatus());
        } catch (KubernetesClientException e) {
            return TokenRefusal.of(key, e);
        }
    }

    private TokenGrant granted(TokenKey key, long asked, @Nullable TokenRequestStatus status) {
        if (status == null || status.getToken() == null) {
            return key.denied("got an answer without a token; it is asked for again.");
        }
        var grant = new TokenGrant.Granted(status.getToken());
        // The two times in the token come from one clock; the operator's clock may be wrong. Without them the token is
        // used once.
        Duration mostOfLife = JwtClaims.of(grant.token()).life().multipliedBy(4).dividedBy(5);
        cache.put(key, grant, asked, mostOfLife.compareTo(REUSE) < 0 ? mostOfLife : REUSE);
        return grant;
    }
}
