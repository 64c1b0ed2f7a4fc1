package dev.taskqueue.operator.simulation.apiserver;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The open watches of each kind, in the order in which they were opened. */
final class OpenWatches {
    private final Map<ResourceKind, List<ServerWatch>> byKind = new EnumMap<>(ResourceKind.class);

    OpenWatches() {
        for (ResourceKind kind : ResourceKind.values()) {
            byKind.put(kind, new ArrayList<>());
        }
    }

    void add(ServerWatch watch) {
        of(watch.kind()).add(watch);
    }

    void changed(ResourceKind kind, StoreEvent event) {
        boolean hasEnded = false;
        for (ServerWatch watch : of(kind)) {
            watch.changed(event);
            hasEnded |= watch.isEnded();
        }
        if (hasEnded) {
            of(kind).removeIf(ServerWatch::isEnded);
        }
    }

    void endAll() {
        for (List<ServerWatch> watches : byKind.values()) {
            List<ServerWatch> ended = List.copyOf(watches);
            watches.clear();
            ended.forEach(ServerWatch::end);
        }
    }

    private List<ServerWatch> of(ResourceKind kind) {
        return Objects.requireNonNull(byKind.get(kind));
    }
}
