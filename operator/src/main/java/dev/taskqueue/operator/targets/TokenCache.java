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
 * Tokens for a short time, each namespace within its share: a namespace that asks for ever more audiences drops its own oldest ones. All times are
 * monotonic nanoseconds. Thread-safe.
 */
final class TokenCache {
    private final SharedPool pool;
    private final long sweepEvery;
    /** The oldest first, by namespace. */
    private final Map<String, LinkedHashMap<TokenKey, Entry>> byNamespace = new HashMap<>();

    private long sweptAt;

    private record Entry(TokenGrant.Granted grant, long since, long life) {
        boolean isUsable(long now) {
            return now - since < life;
        }
    }

    /**
     * An empty cache.
     *
     * @param pool one for each token
     * @param sweepEvery how often those are dropped that nobody asks for any more
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

    /** @param since when the token was asked for */
    synchronized void put(TokenKey key, TokenGrant.Granted grant, long since, Duration life) {
        sweep(since);
        remove(key);
        if (life.isZero()) {
            return;
        }
        QueueId holder = holder(key.namespace());
        LinkedHashMap<TokenKey, Entry> own = byNamespace.computeIfAbsent(key.namespace(), _ -> new LinkedHashMap<>());
        while (!pool.tryAcquire(holder, 1)) {
            // A namespace that holds none always gets one, so there is an oldest one here.
            Iterator<TokenKey> oldest = own.keySet().iterator();
            oldest.next();
            oldest.remove();
            pool.release(holder, 1);
        }
        own.put(key, new Entry(grant, since, life.toNanos()));
    }

    /** The receiver refuses the token. It is dropped if it is older than {@code age}; a newer one is no better than the next would be. */
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

    /** Tokens are held by namespaces, not by queues. */
    static QueueId holder(String namespace) {
        return new QueueId(namespace, "");
    }
}
