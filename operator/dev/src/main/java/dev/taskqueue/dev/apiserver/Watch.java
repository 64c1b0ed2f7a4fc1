package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One watch. It writes each event as a line of JSON until its time is over, the client leaves or the server closes. */
final class Watch {
    /** Short enough that the thread of a client that has left ends soon. */
    private static final Duration BOOKMARK_EVERY = Duration.ofSeconds(30);

    private static final Duration USUAL = Duration.ofMinutes(30);

    private final Store store;
    private final Tables tables;
    private final ResourcePath place;
    private final ObjectSelector selection;
    private final Request request;
    private final OutputStream out;

    Watch(Store store, Tables tables, ResourcePath place, ObjectSelector selection, Request request, OutputStream out) {
        this.store = store;
        this.tables = tables;
        this.place = place;
        this.selection = selection;
        this.request = request;
        this.out = out;
    }

    void run() throws IOException {
        long end = System.nanoTime()
                + request.number("timeoutSeconds")
                        .map(Duration::ofSeconds)
                        .orElse(USUAL)
                        .toNanos();
        try {
            long version = begin();
            EventLog log = store.log(place.type());
            while (!log.isClosed()) {
                Duration left = Duration.ofNanos(end - System.nanoTime());
                if (!left.isPositive()) {
                    return;
                }
                long known = store.version();
                List<Event> events = log.after(version, left.compareTo(BOOKMARK_EVERY) < 0 ? left : BOOKMARK_EVERY);
                for (Event event : events) {
                    send(event);
                }
                version = events.isEmpty()
                        ? Math.max(version, known)
                        : events.getLast().version();
                if (events.isEmpty() && request.flag("allowWatchBookmarks")) {
                    bookmark(version, false);
                }
                out.flush();
            }
        } catch (ApiFailure failure) {
            line("ERROR", failure.status());
            out.flush();
        }
    }

    /** Sends the existing objects if the request asks for them. Returns the version from which the watch goes on. */
    private long begin() throws IOException {
        boolean streamed = request.flag("sendInitialEvents");
        long from = version(request.text("resourceVersion"));
        if (from > 0 && !streamed) {
            if (request.flag("allowWatchBookmarks")) {
                // The client library reports a watch as open only after its first event, and until then the operator
                // asks why it is not open.
                bookmark(from, false);
                out.flush();
            }
            return from;
        }
        Store.Page page = store.list(place.type(), place.namespace(), selection, null, Integer.MAX_VALUE);
        for (ObjectNode object : page.objects()) {
            line("ADDED", shown(object));
        }
        if (streamed && request.flag("allowWatchBookmarks")) {
            bookmark(page.version(), true);
        }
        out.flush();
        return page.version();
    }

    private long version(String text) {
        try {
            long version = text.isEmpty() ? 0 : Long.parseLong(text);
            if (version > store.version()) {
                // The version comes from an earlier run and means nothing here.
                throw ApiFailure.expired(version);
            }
            return version;
        } catch (NumberFormatException wrong) {
            throw ApiFailure.badRequest("invalid resource version \"" + text + "\"");
        }
    }

    private void send(Event event) throws IOException {
        String type = type(event);
        if (type != null) {
            line(type, shown(event.after()));
        }
    }

    /**
     * Adapts an event to the selector: an object that no longer matches is reported as deleted, and an object that now matches is reported as new.
     */
    private @Nullable String type(Event event) {
        if (!place.namespace().isEmpty() && !Metadata.namespace(event.after()).equals(place.namespace())) {
            return null;
        }
        ObjectNode before = event.before();
        boolean was = before != null && selection.matches(before);
        boolean is = !event.deletion() && selection.matches(event.after());
        return is ? (was ? "MODIFIED" : "ADDED") : was ? "DELETED" : null;
    }

    private ObjectNode shown(ObjectNode object) {
        return tables.one(place.type(), object, request.form(), request.text("includeObject"));
    }

    private void bookmark(long version, boolean initialEnd) throws IOException {
        ObjectNode object = Json.object()
                .put("kind", place.type().kind())
                .put("apiVersion", place.type().apiVersion());
        ObjectNode metadata = object.putObject("metadata").put("resourceVersion", Long.toString(version));
        if (initialEnd) {
            metadata.putObject("annotations").put("k8s.io/initial-events-end", "true");
        }
        line(
                "BOOKMARK",
                switch (request.form()) {
                    case TABLE -> emptyTable(object);
                    case METADATA -> shown(object);
                    case OBJECT -> object;
                });
    }

    private static ObjectNode emptyTable(ObjectNode object) {
        ObjectNode table = Json.object().put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
        table.set("metadata", object.path("metadata"));
        table.putArray("columnDefinitions");
        table.putArray("rows");
        return table;
    }

    private void line(String type, ObjectNode object) throws IOException {
        ObjectNode event = Json.object().put("type", type);
        event.set("object", object);
        out.write(Json.bytes(event));
        out.write('\n');
    }
}
