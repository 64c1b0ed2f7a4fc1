package dev.taskqueue.operator.targets;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All EndpointSlices of one Service.
 *
 * @param byName the slices by name
 * @param version another one after an endpoint has stopped being ready: an open connection to the Service may lead to that endpoint
 */
record EndpointsSnapshot(Map<String, EndpointSliceSnapshot> byName, long version) {
    /** A Service without slices. */
    static final EndpointsSnapshot NONE = new EndpointsSnapshot(Map.of(), 0);

    Collection<EndpointSliceSnapshot> slices() {
        return byName.values();
    }

    /**
     * These slices with one of them changed.
     *
     * @param known null if the slice was deleted
     * @param versions counts up; no version is used twice, so that slices that come back are not taken for the former ones
     */
    EndpointsSnapshot with(String slice, @Nullable EndpointSliceSnapshot known, LongSupplier versions) {
        var after = new HashMap<>(byName);
        EndpointSliceSnapshot before = known == null ? after.remove(slice) : after.put(slice, known);
        boolean isNew = version == NONE.version;
        return new EndpointsSnapshot(after, isNew || hasLost(before, known) ? versions.getAsLong() : version);
    }

    /** Whether connections that were opened before may lead to an endpoint that is not ready any more. */
    private static boolean hasLost(@Nullable EndpointSliceSnapshot before, @Nullable EndpointSliceSnapshot now) {
        return before != null
                && !before.ready().isEmpty()
                && (now == null
                        || !now.ports().equals(before.ports())
                        || !new HashSet<>(now.ready()).containsAll(before.ready()));
    }
}
