package dev.taskqueue.operator.targets;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers resolutions of Services until any Service or EndpointSlice changes: each request asks twice, and a Service may have many endpoints to
 * judge. Thread-safe, without locks.
 */
final class ResolutionCache {
    /** Tasks choose what is asked, so the number of entries is bounded. Beyond it, resolutions are judged each time. */
    private static final int MAX_ENTRIES = 1_000;

    private volatile Resolutions current = new Resolutions(Long.MIN_VALUE);

    /** The resolutions at one version of the catalog. */
    private record Resolutions(long version, Map<TargetRules.Query, TargetResolution> byQuery) {
        Resolutions(long version) {
            this(version, new ConcurrentHashMap<>());
        }
    }

    /** The resolution that was added at this version of the catalog; null if there is none. */
    @Nullable TargetResolution find(long version, TargetRules.Query query) {
        Resolutions resolutions = current;
        return resolutions.version == version ? resolutions.byQuery.get(query) : null;
    }

    /** @param version of the catalog before the resolution was judged, so that it is forgotten rather too early than too late */
    void add(long version, TargetRules.Query query, TargetResolution resolution) {
        Resolutions resolutions = current;
        if (resolutions.version != version) {
            resolutions = new Resolutions(version);
            current = resolutions;
        }
        if (resolutions.byQuery.size() < MAX_ENTRIES) {
            resolutions.byQuery.put(query, resolution);
        }
    }
}
