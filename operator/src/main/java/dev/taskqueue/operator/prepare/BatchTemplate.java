package dev.taskqueue.operator.prepare;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.JsonText;
import dev.taskqueue.operator.kube.ApiClient;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.QueueProfile;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the items of one batch share while the template is used: the requests merged with the queue's httpTarget, and the contents of Secrets and
 * ConfigMaps. They are read once, by one item, while the others wait for it. Thread-safe.
 */
final class BatchTemplate {
    /** Stands for the body of an item that replaces it, so that the request is merged as one with a JSON body. */
    private static final JsonText ANY_JSON = new JsonText("0");

    private final Sources sources;
    private final QueueProfile profile;
    private final long usableUntil;
    private final ReentrantLock reading = new ReentrantLock();
    private final Map<KeyReference, KeyReader.Value> values = new HashMap<>();
    private final Map<Body, SharedRequest> requests = new EnumMap<>(Body.class);
    private long taken;
    private boolean forgotten;

    /** Where the contents come from, and the memory that they may take. */
    record Sources(ApiClient api, CaBundles bundles, MemoryBudget budget) {}

    /** Whose body an item sends. */
    private enum Body {
        OF_TEMPLATE,
        OWN,
        OWN_JSON;

        static Body of(ItemContent item) {
            return item.body() == null ? OF_TEMPLATE : item.jsonBody() ? OWN_JSON : OWN;
        }
    }

    /** @param usableUntil in monotonic nanoseconds */
    BatchTemplate(Sources sources, QueueProfile profile, long usableUntil) {
        this.sources = sources;
        this.profile = profile;
        this.usableUntil = usableUntil;
    }

    long usableUntil() {
        return usableUntil;
    }

    /** Whether it was made for this very profile. */
    @SuppressWarnings("ReferenceEquality") // each change of a queue makes another profile
    boolean isFor(QueueProfile current) {
        return profile == current;
    }

    /** The request that an item shares with others. If the last one does not fit, a new one takes its place. */
    SharedRequest request(ItemContent item) {
        Body body = Body.of(item);
        synchronized (this) {
            SharedRequest known = requests.get(body);
            if (known != null && known.fits(item.request())) {
                return known;
            }
        }
        // Not under the monitor: a large body must not delay other items.
        HttpRequest own = body == Body.OF_TEMPLATE ? item.request() : withoutBody(item.request(), body);
        var made = new SharedRequest(item, EffectiveRequest.of(own, profile.httpTarget()));
        keep(body, made);
        return made;
    }

    private static HttpRequest withoutBody(HttpRequest request, Body body) {
        return request.withOnlyJson(body == Body.OWN_JSON ? ANY_JSON : null);
    }

    private synchronized void keep(Body body, SharedRequest request) {
        SharedRequest before = requests.remove(body);
        if (before != null) {
            giveBack(before.size());
        }
        if (take(request.size())) {
            requests.put(body, request);
        }
    }

    /**
     * The keys that one item needs. The first key that is not known makes all other items wait that miss one, until this item has read all of its
     * keys: each Secret is then read once, however many keys of it are needed.
     */
    private final class Keys implements AutoCloseable {
        private final KeyReader reader = new KeyReader(sources.api);

        KeyReader.Value read(KeyReference key) {
            KeyReader.Value known = value(key);
            if (known == null && !reading.isHeldByCurrentThread()) {
                reading.lock();
                known = value(key);
            }
            if (known != null) {
                return known;
            }
            KeyReader.Value value = reader.read(key);
            keep(key, value);
            return value;
        }

        @Override
        public void close() {
            if (reading.isHeldByCurrentThread()) {
                reading.unlock();
            }
        }
    }

    private synchronized KeyReader.@Nullable Value value(KeyReference key) {
        return values.get(key);
    }

    private synchronized void keep(KeyReference key, KeyReader.Value value) {
        if (take(value instanceof KeyReader.Value.Found(byte[] content) ? content.length : 0)) {
            values.put(key, value);
        }
    }

    private synchronized boolean take(long bytes) {
        if (forgotten || !sources.budget.take(bytes)) {
            return false;
        }
        taken += bytes;
        return true;
    }

    private synchronized void giveBack(long bytes) {
        sources.budget.giveBack(bytes);
        taken -= bytes;
    }

    /** Forgets everything and keeps nothing more. Items that have the template still may use it to their end. */
    synchronized void forget() {
        forgotten = true;
        values.clear();
        requests.clear();
        giveBack(taken);
    }

    /** The request of all items that differ from one another in path and body only. */
    final class SharedRequest {
        private final RequestOwner owner;
        private final HttpRequest own;
        private final EffectiveRequest merged;
        private volatile RequestContents.Gathered.@Nullable Complete plain;
        private volatile RequestContents.Gathered.@Nullable Complete secured;

        private SharedRequest(ItemContent item, EffectiveRequest merged) {
            this.owner = RequestOwner.batch(item.queue());
            this.own = item.request();
            this.merged = merged;
        }

        /** The parts that items leave alone are the same objects, so it is enough to compare references. */
        @SuppressWarnings({"ReferenceEquality", "StringEquality"})
        private boolean fits(HttpRequest other) {
            return other == own
                    || (other.headers() == own.headers()
                            && other.secretHeaders() == own.secretHeaders()
                            && other.serviceRef() == own.serviceRef()
                            && other.scheme() == own.scheme()
                            && other.method() == own.method()
                            && other.body() == own.body()
                            && other.bodyBase64() == own.bodyBase64()
                            && other.json() == own.json()
                            && other.bodyFrom() == own.bodyFrom()
                            && other.serviceAccountToken() == own.serviceAccountToken()
                            && other.tls() == own.tls());
        }

        private long size() {
            return merged.body().length;
        }

        /** The whole request of an item. */
        EffectiveRequest of(ItemContent item) {
            return merged.withPath(item.request().path(), profile.httpTarget());
        }

        /** The contents of an item. */
        RequestContents.Gathered contents(ItemContent item, boolean https) {
            RequestContents.Gathered shared = contents(https);
            byte[] body = item.body();
            return body != null && shared instanceof RequestContents.Gathered.Complete(RequestContents contents)
                    ? new RequestContents.Gathered.Complete(contents.withBody(body))
                    : shared;
        }

        private RequestContents.Gathered contents(boolean https) {
            RequestContents.Gathered.Complete known = https ? secured : plain;
            if (known != null) {
                return known;
            }
            RequestContents.Gathered gathered = read(https);
            if (gathered instanceof RequestContents.Gathered.Complete complete && hasRoomFor(complete.contents())) {
                if (https) {
                    secured = complete;
                } else {
                    plain = complete;
                }
            }
            return gathered;
        }

        private RequestContents.Gathered read(boolean https) {
            try (var keys = new Keys()) {
                return RequestContents.gather(keys::read, sources.bundles, owner, merged, https);
            }
        }

        /** A body of the template itself is counted already. */
        private boolean hasRoomFor(RequestContents contents) {
            return merged.bodyFrom() == null || take(contents.body().length);
        }
    }
}
