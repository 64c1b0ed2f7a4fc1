package dev.taskqueue.operator.simulation.apiserver;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** Reads objects: one, or a page of a list. All pages of a list show the objects as they were when the first page was made. */
final class ObjectReader {
    private final ObjectStore store;

    ObjectReader(ObjectStore store) {
        this.store = store;
    }

    /**
     * Reads one object.
     *
     * @param version of the store that the reader sees; a read that requires a newer one sees that
     */
    StoredObject get(RequestTarget target, ApiRequest request, long version) {
        long atLeast = checkedVersion(request);
        StoredObject now = store.get(target.kind(), target.key());
        StoredObject found =
                store.history(target.kind()).objectAt(visible(target.kind(), version, atLeast), target.key(), now);
        if (found == null) {
            throw RequestFailure.notFound(target.kind(), target.name());
        }
        return found;
    }

    private long visible(ResourceKind kind, long version, long atLeast) {
        return Math.max(Math.max(version, atLeast), store.oldestVersion(kind));
    }

    private long checkedVersion(ApiRequest request) {
        long wanted = Versions.parseParameter(request.parameter("resourceVersion"));
        if (wanted > store.version()) {
            throw RequestFailure.tooLarge(wanted, store.version());
        }
        return wanted;
    }

    private long checkedListVersion(ApiRequest request) {
        try {
            return checkedVersion(request);
        } catch (RequestFailure failure) {
            throw failure.code() == 500
                    ? RequestFailure.badRequest("invalid resource version: " + failure.getMessage())
                    : failure;
        }
    }

    /**
     * A page of a list.
     *
     * @param version of the store that the reader sees if the request leaves it open
     */
    byte[] list(RequestTarget target, ApiRequest request, long version) {
        ContinueToken token = ContinueToken.read(request.parameter("continue"));
        var range = new Range(target, Selector.of(target.kind(), request), limit(request));
        long asOf = token != null ? continued(target.kind(), token) : firstPage(target.kind(), request, version);
        StoreView view = store.view(target.kind(), asOf);
        return page(view, range, asOf, token == null ? range.start() : token.start(), request.wantsMetadataOnly());
    }

    private record Range(RequestTarget target, Selector selector, int limit) {
        String start() {
            return target.namespace().isEmpty() ? "" : target.namespace() + "/";
        }

        /** The key of the first object behind the range: 0 follows the slash. */
        String end() {
            return target.namespace().isEmpty() ? "\uffff" : target.namespace() + "0";
        }
    }

    private static int limit(ApiRequest request) {
        String limit = request.parameter("limit");
        boolean isFromCache = request.parameter("resourceVersion").equals("0");
        return limit.isEmpty() || limit.equals("0") || isFromCache ? Integer.MAX_VALUE : Integer.parseInt(limit);
    }

    private long continued(ResourceKind kind, ContinueToken token) {
        if (token.version() > store.version()) {
            throw RequestFailure.internal("etcdserver: mvcc: required revision is a future revision");
        }
        if (token.version() < store.oldestVersion(kind)) {
            throw RequestFailure.tooOld(
                    "The provided continue parameter is too old to display a consistent list result."
                            + " You can start a new list without the continue parameter.");
        }
        return token.version();
    }

    private long firstPage(ResourceKind kind, ApiRequest request, long version) {
        long wanted = checkedListVersion(request);
        boolean isExact = request.parameter("resourceVersionMatch").equals("Exact")
                || (request.parameter("resourceVersionMatch").isEmpty()
                        && wanted > 0
                        && !request.parameter("limit").isEmpty());
        if (!isExact) {
            return visible(kind, version, wanted);
        }
        if (wanted < store.oldestVersion(kind)) {
            throw RequestFailure.tooOld("The resourceVersion for the provided list is too old.");
        }
        return wanted;
    }

    private byte[] page(StoreView view, Range range, long version, String start, boolean metadataOnly) {
        var items = new ByteArrayOutputStream();
        items.write('[');
        String last = null;
        int count = 0;
        StoredObject object = view.from(start);
        while (object != null && count <= range.limit()) {
            String key = RequestTarget.key(object.namespace(), object.name());
            if (key.compareTo(range.end()) >= 0) {
                break;
            }
            if (range.selector().matches(object.tree())) {
                if (count == range.limit()) {
                    return list(items, range, metadata(view, range, version, last), metadataOnly);
                }
                if (count++ > 0) {
                    items.write(',');
                }
                items.writeBytes(object.json(metadataOnly));
                last = key;
            }
            object = view.from(StoreView.after(key));
        }
        return list(items, range, metadata(view, range, version, null), metadataOnly);
    }

    /** @param last the key of the last object on the page, if there are further pages */
    private static ObjectNode metadata(StoreView view, Range range, long version, @Nullable String last) {
        ObjectNode metadata = Json.object().put("resourceVersion", Long.toString(version));
        if (last != null) {
            String next = StoreView.after(last);
            metadata.put("continue", new ContinueToken(version, next).text());
            if (range.selector().isEmpty()) {
                metadata.put("remainingItemCount", view.count(next, range.end()));
            }
        }
        return metadata;
    }

    private static byte[] list(ByteArrayOutputStream items, Range range, ObjectNode metadata, boolean metadataOnly) {
        ResourceKind kind = range.target().kind();
        String listKind = metadataOnly ? "PartialObjectMetadataList" : kind.kind() + "List";
        String apiVersion = metadataOnly ? "meta.k8s.io/v1" : kind.apiVersion();
        items.write(']');
        return Bytes.join(
                ("{\"apiVersion\":\"" + apiVersion + "\",\"kind\":\"" + listKind + "\",\"metadata\":").getBytes(UTF_8),
                Json.bytes(metadata),
                ",\"items\":".getBytes(UTF_8),
                items.toByteArray(),
                Bytes.CLOSING_BRACE);
    }
}
