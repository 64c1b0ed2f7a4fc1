package dev.taskqueue.operator.dispatch;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntBiFunction;
import org.jspecify.annotations.Nullable;

/** Keeps those of its entries that were used last, bounded by their number and by the certificates in them. Its caller guards it. */
public final class CertificateCache<K, V> {
    private static final int MAX_ENTRIES = 256;
    /** The most certificates in all entries together. Each takes a few kilobytes. */
    private static final int MAX_CERTIFICATES = 4096;

    /** The least recently used entry comes first. */
    private final Map<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);

    private final ToIntBiFunction<K, V> counter;
    private int certificates;

    /** @param counter how many certificates an entry holds; the same for as long as it is here */
    public CertificateCache(ToIntBiFunction<K, V> counter) {
        this.counter = counter;
    }

    /** The value, which counts as used now; null if there is none. */
    public @Nullable V get(K key) {
        return entries.get(key);
    }

    /** Adds an entry, and drops the eldest ones beyond the bounds. Returns false if there is one with this key. */
    public boolean add(K key, V value) {
        if (entries.putIfAbsent(key, value) != null) {
            return false;
        }
        certificates += counter.applyAsInt(key, value);
        Iterator<Map.Entry<K, V>> eldest = entries.entrySet().iterator();
        while (entries.size() > MAX_ENTRIES || (certificates > MAX_CERTIFICATES && entries.size() > 1)) {
            Map.Entry<K, V> dropped = eldest.next();
            certificates -= counter.applyAsInt(dropped.getKey(), dropped.getValue());
            eldest.remove();
        }
        return true;
    }
}
