package dev.taskqueue.operator.targets;

import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.limits.SharedPool;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps tokens for a short time, each namespace within its share: a namespace that requests ever more audiences drops its own oldest tokens. All
 * times are monotonic nanoseconds. Thread-safe.
 */
final class TokenCache {
    private final SharedPool pool;
    private final long sweepEvery;
    /** The tokens of each namespace, the oldest first. */
    private final Map<String, LinkedHashMap<TokenKey, Entry>> byNamespace = new HashMap<>();

    private long sweptAt;

    private record Entry(TokenGrant.Granted grant, long since, long life) {
        boolean isUsable(long now) {
            return now - since < life;
        }
    }

    /**
     * Makes an empty cache.
     *
     * @param pool bounds the tokens
     * @param sweepEvery how often expired tokens are dropped
     */
    TokenCache(SharedPool pool, Duration sweepEvery, long now) {
        this.pool = pool;
        this.sweepEvery = sweepEvery.toNanos();
        this.sweptAt = now;
    }

    synchronized TokenGrant.@Nullable Granted get(TokenKey key, long now) {
        Entry entry = entries(key.namespace()).get(key);
        return entry != null && entry.isUsable(now) ? entry.grant() : null;
    }

    /** @param since when the token was requested */
    synchronized void put(TokenKey key, TokenGrant.Granted grant, long since, Duration life) {
        sweep(since);
        remove(key);
        if (life.isZero()) {
            return;
        }
        QueueId holder = holder(key.namespace());
        LinkedHashMap<TokenKey, Entry> own = byNamespace.computeIfAbsent(key.namespace(), _ -> new LinkedHashMap<>());
        while (!pool.tryAcquire(holder, 1)) {
            // A namespace without a token always gets one, so there is an oldest token here.
            Iterator<TokenKey> oldest = own.keySet().iterator();
            oldest.next();
            oldest.remove();
            pool.release(holder, 1);
        }
        own.put(key, new Entry(grant, since, life.toNanos()));
    }

    /** The receiver refuses the token. It is dropped if it is older than {@code age}. A newer token stays, because the next would be no better. */
    synchronized void reject(TokenKey key, String token, long now, Duration age) {
        Entry entry = entries(key.namespace()).get(key);
        if (entry != null && entry.grant().token().equals(token) && now - entry.since() >= age.toNanos()) {
            remove(key);
        }
    }

    private void sweep(long now) {
        if (now - sweptAt >= sweepEvery) {
            sweptAt = now;
            byNamespace.forEach((namespace, entries) -> entries.values().removeIf(entry -> {
                boolean isOver = !entry.isUsable(now);
                if (isOver) {
                    pool.release(holder(namespace), 1);
                }
                return isOver;
            }));
            byNamespace.values().removeIf(Map::isEmpty);
        }
    }

    private void remove(TokenKey key) {
        if (entries(key.namespace()).remove(key) != null) {
            pool.release(holder(key.namespace()), 1);
        }
    }

    private Map<TokenKey, Entry> entries(String namespace) {
        LinkedHashMap<TokenKey, Entry> entries = byNamespace.get(namespace);
        return entries == null ? new HashMap<>() : entries;
    }

    /** The holder of a namespace's tokens in the pool. Tokens belong to namespaces, not to queues. */
    static QueueId holder(String namespace) {
        return new QueueId(namespace, "");
    }
}
