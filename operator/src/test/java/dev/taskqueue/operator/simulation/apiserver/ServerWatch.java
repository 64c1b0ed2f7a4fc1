package dev.taskqueue.operator.simulation.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * An open watch. It has its own place in the history of its kind, so the caller decides when each line is delivered. It keeps these rules:
 *
 * <ul>
 *   <li>It shows each change after its version once and in order, if the object matches before or after the change: as ADDED when the object begins to
 *       match, as DELETED when it ceases to match or to exist, otherwise as MODIFIED.
 *   <li>Without a version it first shows all objects that exist, as ADDED, and then a BOOKMARK if the client allows these.
 *   <li>From a version that does not exist yet, as after a restored backup, it is silent until newer changes than that.
 *   <li>From a version that is too old, or when its place was forgotten, it shows one ERROR with code 410 and ends.
 * </ul>
 */
public final class ServerWatch {
    private final ResourceKind kind;
    private final String namespacePrefix;
    private final Selector selector;
    private final boolean metadataOnly;
    private final ObjectStore store;
    private final ChangeHistory history;
    private final Queue<byte[]> firstLines = new ArrayDeque<>();
    private final long from;
    /** The number of the next change to look at. */
    private long next;

    private int pendingChanges;
    private long deliveredVersion;
    private boolean isTooOld;
    private boolean isEnded;
    private @Nullable Runnable listener;

    private ServerWatch(RequestTarget target, ApiRequest request, ObjectStore store, long from) {
        this.kind = target.kind();
        this.namespacePrefix = target.namespace().isEmpty() ? "" : target.namespace() + "/";
        this.selector = Selector.of(kind, request);
        this.metadataOnly = request.wantsMetadataOnly();
        this.store = store;
        this.history = store.history(kind);
        this.from = from;
        this.deliveredVersion = from;
        this.next = history.firstAfter(from);
        for (long number = next; number < history.count(); number++) {
            pendingChanges += type(history.at(number)) == null ? 0 : 1;
        }
    }

    static ServerWatch open(RequestTarget target, ApiRequest request, ObjectStore store) {
        long version = Versions.parseParameter(request.parameter("resourceVersion"));
        if (version == 0) {
            var watch = new ServerWatch(target, request, store, store.version());
            watch.showExisting();
            if (request.parameter("allowWatchBookmarks").equals("true")) {
                watch.firstLines.add(watch.bookmark(watch.from, true));
            }
            return watch;
        }
        var watch = new ServerWatch(target, request, store, version);
        watch.isTooOld = version < store.watchableFrom(watch.kind);
        return watch;
    }

    private void showExisting() {
        for (StoredObject object : store.objects(kind).values()) {
            if (isInNamespace(RequestTarget.key(object.namespace(), "")) && selector.matches(object.tree())) {
                firstLines.add(Bytes.join(EventType.ADDED.head(), object.json(metadataOnly), Bytes.CLOSING_BRACE));
            }
        }
    }

    /** The next line, without its line end; null if there is none now. */
    public byte @Nullable [] poll() {
        if (isEnded) {
            return null;
        }
        if (!firstLines.isEmpty()) {
            return firstLines.poll();
        }
        if (isTooOld || (pendingChanges > 0 && next < history.first())) {
            isEnded = true;
            return tooOld();
        }
        if (pendingChanges == 0) {
            next = history.count();
        }
        while (next < history.count()) {
            StoreEvent event = history.at(next++);
            EventType type = type(event);
            if (type != null) {
                pendingChanges--;
                deliveredVersion = event.version();
                return event.line(type, metadataOnly);
            }
        }
        return null;
    }

    /** Whether it will never have another line. */
    public boolean isEnded() {
        return isEnded;
    }

    /** The client has left, or the connection is lost. */
    public void close() {
        isEnded = true;
    }

    /** Sets what is called when {@link #poll} has a new line, or when the server ends the watch. */
    public void onLine(Runnable called) {
        this.listener = called;
    }

    /** The number of lines that {@link #poll} has now. */
    public int pending() {
        if (isEnded) {
            return 0;
        }
        return isTooOld ? 1 : firstLines.size() + pendingChanges;
    }

    /**
     * A line of type BOOKMARK with the version up to which this watch has shown everything; null if it begins at a version that does not exist yet,
     * because a real server is silent then.
     */
    public byte @Nullable [] bookmark() {
        if (isEnded || isTooOld || from > store.version()) {
            return null;
        }
        long version = pending() == 0 ? store.version() : deliveredVersion;
        return bookmark(version, false);
    }

    private byte[] bookmark(long version, boolean endsFirstLines) {
        ObjectNode event = Json.object().put("type", "BOOKMARK");
        ObjectNode object = event.putObject("object");
        object.put("kind", metadataOnly ? "PartialObjectMetadata" : kind.kind());
        object.put("apiVersion", metadataOnly ? "meta.k8s.io/v1" : kind.apiVersion());
        ObjectNode metadata = object.putObject("metadata").put("resourceVersion", Long.toString(version));
        if (endsFirstLines) {
            metadata.putObject("annotations").put("k8s.io/initial-events-end", "true");
        }
        return Json.bytes(event);
    }

    /** The store has a new change of this kind. */
    void changed(StoreEvent event) {
        if (!isEnded && type(event) != null) {
            pendingChanges++;
            notifyListener();
        }
    }

    /** The server ends the watch. What it has not shown yet is lost. */
    void end() {
        isEnded = true;
        notifyListener();
    }

    private void notifyListener() {
        if (listener != null) {
            listener.run();
        }
    }

    ResourceKind kind() {
        return kind;
    }

    private byte[] tooOld() {
        ObjectNode event = Json.object().put("type", "ERROR");
        String message = "too old resource version: " + deliveredVersion + " (" + store.watchableFrom(kind) + ")";
        event.set("object", StatusObject.failure(410, "Expired", message));
        return Json.bytes(event);
    }

    /** How this watch shows a change; null if not at all. */
    private @Nullable EventType type(StoreEvent event) {
        if (event.version() <= from || !isInNamespace(event.key())) {
            return null;
        }
        StoredObject before = event.before();
        StoredObject after = event.after();
        boolean was = before != null && selector.matches(before.tree());
        boolean is = after != null && selector.matches(after.tree());
        return is ? (was ? EventType.MODIFIED : EventType.ADDED) : was ? EventType.DELETED : null;
    }

    private boolean isInNamespace(String key) {
        return key.startsWith(namespacePrefix);
    }
}
