package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.domain.Obstacle;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Identity tokens of ServiceAccounts for one audience each, from the API server's TokenRequest. A token is used until 80 % of its life are
 * over. Never one that the API server itself would take: whoever may create Tasks would then hold that ServiceAccount's rights.
 */
public final class Tokens {
    /** What is asked for; the API server may grant another time. */
    private static final Duration LIFE = Duration.ofHours(1);

    private static final int CACHED_AT_MOST = 10_000;

    private final KubernetesClient client;
    private final InstantSource clock;
    private final OwnAudiences ownAudiences;
    private final Map<Key, Cached> cache = new ConcurrentHashMap<>();
    private final Map<Key, CompletableFuture<Grant>> underway = new ConcurrentHashMap<>();

    /** What asking for a token came to. */
    public sealed interface Grant {
        /** The token; kept out of {@code toString}, so that no log can hold it. */
        record Granted(String token) implements Grant {
            @Override
            public String toString() {
                return "Granted[token=***]";
            }
        }

        /** Something must change first. */
        record Denied(Obstacle obstacle) implements Grant {}
    }

    private record Key(String namespace, String serviceAccount, String audience) {
        Grant.Denied denied(String rest) {
            var subject = new Obstacle.Subject(Obstacle.Kind.ServiceAccount, namespace, serviceAccount);
            return new Grant.Denied(new Obstacle(
                    Obstacle.Reason.TokenNotPermitted,
                    subject,
                    "ServiceAccount " + namespace + "/" + serviceAccount + " " + rest));
        }
    }

    private record Cached(Grant.Granted grant, Instant renewAt) {}

    /**
     * Asks through a client of the operator's own account.
     *
     * @param client decides on time limits and on how often a failed request is repeated before it counts as failed
     */
    public Tokens(KubernetesClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
        this.ownAudiences = new OwnAudiences(client.getConfiguration());
    }

    /** A token for {@code audience}. Blocks while it is fetched, once per key however many ask; others are not held up. */
    public Grant token(String namespace, String serviceAccount, String audience) {
        var key = new Key(namespace, serviceAccount, audience);
        Grant cached = cached(key);
        if (cached != null) {
            return cached;
        }
        if (ownAudiences.contains(audience)) {
            return key.denied("gets no token for the audience \"" + audience
                    + "\", because the API server takes it for its own: name another audience.");
        }
        var mine = new CompletableFuture<Grant>();
        CompletableFuture<Grant> first = underway.putIfAbsent(key, mine);
        if (first != null) {
            return first.join();
        }
        try {
            Grant justFetched = cached(key);
            mine.complete(justFetched != null ? justFetched : fetch(key));
        } catch (RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            underway.remove(key);
        }
        return mine.join();
    }

    private Grant.@Nullable Granted cached(Key key) {
        Cached cached = cache.get(key);
        return cached != null && clock.instant().isBefore(cached.renewAt()) ? cached.grant() : null;
    }

    private Grant fetch(Key key) {
        Instant asked = clock.instant();
        TokenRequest request = new TokenRequestBuilder()
                .withNewSpec()
                .withAudiences(key.audience())
                .withExpirationSeconds(LIFE.toSeconds())
                .endSpec()
                .build();
        try {
            TokenRequest answer = client.serviceAccounts()
                    .inNamespace(key.namespace())
                    .withName(key.serviceAccount())
                    .tokenRequest(request);
            return granted(key, asked, answer.getStatus());
        } catch (KubernetesClientException e) {
            // Its message may hold parts of the answer, so only the status code is told.
            return denied(key, e.getCode());
        }
    }

    private Grant granted(Key key, Instant asked, @Nullable TokenRequestStatus status) {
        if (status == null || status.getToken() == null) {
            return key.denied("got an answer without a token; it is asked for again.");
        }
        var grant = new Grant.Granted(status.getToken());
        Instant expiresAt = expiry(status);
        if (expiresAt != null && expiresAt.isAfter(asked)) {
            Duration life = Duration.between(asked, expiresAt);
            keep(key, new Cached(grant, asked.plus(life.multipliedBy(4).dividedBy(5))));
        }
        return grant;
    }

    private static Grant denied(Key key, int statusCode) {
        return switch (statusCode) {
            case 404 -> key.denied("does not exist: create it.");
            case 403 ->
                key.denied("gets no token, because the operator may not ask for one: grant it the verb create on"
                        + " serviceaccounts/token with resourceNames [" + key.serviceAccount() + "] in namespace "
                        + key.namespace() + ".");
            default ->
                key.denied("has no token yet: it could not be fetched ("
                        + (statusCode > 0 ? "HTTP " + statusCode : "no answer") + "), retried.");
        };
    }

    /** An answer whose end cannot be read is used once. */
    private static @Nullable Instant expiry(TokenRequestStatus status) {
        String text = status.getExpirationTimestamp();
        if (text == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    private void keep(Key key, Cached fresh) {
        if (cache.size() >= CACHED_AT_MOST) {
            Instant now = clock.instant();
            cache.values().removeIf(old -> !now.isBefore(old.renewAt()));
        }
        // When all of them are in use, the newest pays with a request each time; nothing that is in use is lost.
        if (cache.size() < CACHED_AT_MOST || cache.containsKey(key)) {
            cache.put(key, fresh);
        }
    }
}
