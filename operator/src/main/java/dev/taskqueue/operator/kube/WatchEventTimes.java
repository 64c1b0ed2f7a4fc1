package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** When the API server last showed an object of each kind. Bookmarks do not count: a watch may send these and nothing else. Thread-safe. */
public final class WatchEventTimes {
    private final InstantSource wall;
    private final Map<ResourceKind, Instant> times = new ConcurrentHashMap<>();

    public WatchEventTimes(InstantSource wall) {
        this.wall = wall;
    }

    /** The same sink, whose events are noted. */
    public ObjectReflector.Sink noting(ResourceKind kind, ObjectReflector.Sink sink) {
        return new ObjectReflector.Sink() {
            @Override
            public void seen(JsonNode object, int listing) {
                note(kind);
                sink.seen(object, listing);
            }

            @Override
            public void deleted(JsonNode object) {
                note(kind);
                sink.deleted(object);
            }

            @Override
            public void listed(String namespace, int listing) {
                note(kind);
                sink.listed(namespace, listing);
            }
        };
    }

    private void note(ResourceKind kind) {
        times.put(kind, wall.instant());
    }

    /** By the plural name of the kind; a kind that nothing was seen of is missing. */
    public Map<String, Instant> byResource() {
        var named = new TreeMap<String, Instant>();
        times.forEach((kind, at) -> named.put(kind.plural(), at));
        return named;
    }
}
