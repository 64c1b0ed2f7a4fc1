package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.dev.apiserver.Resources.FieldValidation;
import dev.taskqueue.dev.apiserver.Resources.Options;
import dev.taskqueue.dev.apiserver.Resources.Preconditions;
import dev.taskqueue.dev.apiserver.Resources.Written;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Finds the verb for a request to a resource, by the method and the content type. */
final class Verbs {
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final String APPLY = "application/apply-patch+yaml";

    private final Store store;
    private final Resources resources;
    private final Tables tables;
    private final TokenIssuer tokens;
    /** What each manager applied last to which object, by uid and manager. Server-side apply removes fields that the next apply omits. */
    private final Map<String, JsonNode> applied = new ConcurrentHashMap<>();

    Verbs(Store store, Resources resources, Tables tables, TokenIssuer tokens) {
        this.store = store;
        this.resources = resources;
        this.tables = tables;
        this.tokens = tokens;
    }

    /** @param warnings for the user, one sentence each */
    record Answer(int code, JsonNode body, List<String> warnings) {
        static Answer ok(JsonNode body) {
            return new Answer(OK, body, List.of());
        }
    }

    /** @param body null if the request has none */
    Answer answer(ResourcePath place, Request request, @Nullable JsonNode body) {
        checkSubresource(place);
        return switch (request.method()) {
            case "GET" ->
                place.isCollection() ? list(place, request) : Answer.ok(shown(place, request, resources.get(place)));
            case "POST" -> post(place, request, object(body));
            case "PUT" -> written(OK, place, request, resources.replace(place, object(body), options(request)));
            case "PATCH" -> patch(place, request, body == null ? Json.object() : body);
            case "DELETE" -> delete(place, request, body == null ? Json.object() : body);
            default ->
                throw ApiFailure.of(
                        405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        };
    }

    private static void checkSubresource(ResourcePath place) {
        boolean known = switch (place.subresource()) {
            case "" -> true;
            case "status" -> place.type().statusApart();
            case "token" -> place.type().equals(ResourceTypes.SERVICE_ACCOUNTS);
            default -> false;
        };
        if (!known) {
            throw ApiFailure.noSuchPath();
        }
    }

    ObjectSelector selection(ResourcePath place, Request request) {
        return ObjectSelector.of(
                place.type(),
                request.query().get("labelSelector"),
                request.query().get("fieldSelector"));
    }

    private Answer list(ResourcePath place, Request request) {
        long limit = request.number("limit").orElse(0L);
        Continuation from = Continuation.read(request.text("continue"));
        Store.Page page = store.list(
                place.type(),
                place.namespace(),
                selection(place, request),
                from == null ? null : from.after(),
                limit <= 0 ? Integer.MAX_VALUE : (int) Math.min(limit, Integer.MAX_VALUE));
        long version = from == null ? page.version() : from.version();
        String next = page.next() == null ? "" : new Continuation(version, page.next()).text();
        var whole = new Store.Page(page.objects(), version, page.next(), page.remaining());
        return Answer.ok(tables.list(place.type(), whole, next, request.form(), request.text("includeObject")));
    }

    private record Continuation(long version, String after) {
        static @Nullable Continuation read(String text) {
            if (text.isEmpty()) {
                return null;
            }
            try {
                String[] parts = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8).split(" ", 2);
                return new Continuation(Long.parseLong(parts[0]), parts[1]);
            } catch (RuntimeException wrong) {
                throw ApiFailure.badRequest("continue key is not valid");
            }
        }

        String text() {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString((version + " " + after).getBytes(StandardCharsets.UTF_8));
        }
    }

    private Answer post(ResourcePath place, Request request, ObjectNode object) {
        if (place.subresource().equals("token")) {
            return new Answer(CREATED, tokens.answer(place.type(), resources.get(place), object), List.of());
        }
        if (!place.isCollection()) {
            throw ApiFailure.of(405, "MethodNotAllowed", "POST goes to the collection");
        }
        String namespace = place.namespace();
        if (place.type().namespaced() && namespace.isEmpty()) {
            throw ApiFailure.badRequest("the path names no namespace");
        }
        return written(CREATED, place, request, resources.create(place, object, options(request)));
    }

    private Answer patch(ResourcePath place, Request request, JsonNode patch) {
        if (request.contentType().equals(APPLY)) {
            return apply(place, request, object(patch));
        }
        UnaryOperator<ObjectNode> change = switch (request.contentType()) {
            case "application/merge-patch+json" -> object -> merged(object, patch);
            case "application/json-patch+json" -> object -> Patches.json(object, patch);
            case "application/strategic-merge-patch+json" -> {
                if (place.type().custom() != null) {
                    throw unsupported(request.contentType());
                }
                yield object -> {
                    Patches.strategic(object, patch.deepCopy());
                    return object;
                };
            }
            default -> throw unsupported(request.contentType());
        };
        return written(OK, place, request, resources.change(place, change, options(request)));
    }

    private static ObjectNode merged(ObjectNode object, JsonNode patch) {
        Patches.merge(object, object(patch));
        return object;
    }

    private Answer apply(ResourcePath place, Request request, ObjectNode now) {
        String manager = request.text("fieldManager");
        if (manager.isEmpty()) {
            throw ApiFailure.badRequest("fieldManager is required for apply patch");
        }
        ObjectNode there = store.get(place.type(), place.namespace(), place.name());
        Written written;
        if (there == null) {
            var collection = new ResourcePath(place.type(), place.namespace(), "", "");
            Metadata.of(now).put("name", place.name());
            written = resources.create(collection, now.deepCopy(), options(request));
        } else {
            JsonNode last = applied.getOrDefault(key(there, manager), Json.object());
            written = resources.change(
                    place,
                    object -> {
                        Patches.apply(object, last, now);
                        return object;
                    },
                    options(request));
        }
        if (!request.isDryRun()) {
            applied.put(key(written.object(), manager), now);
        }
        return written(there == null ? CREATED : OK, place, request, written);
    }

    private static String key(ObjectNode object, String manager) {
        return Metadata.uid(object) + "/" + manager;
    }

    private Answer delete(ResourcePath place, Request request, JsonNode options) {
        if (place.isCollection()) {
            List<ObjectNode> deleted = resources.deleteAll(place, selection(place, request));
            return Answer.ok(tables.list(
                    place.type(), new Store.Page(deleted, store.version(), null, 0), "", Request.Form.OBJECT, ""));
        }
        JsonNode wanted = options.path("preconditions");
        boolean dryRun = request.isDryRun() || !options.path("dryRun").isEmpty();
        ObjectNode last = resources.delete(
                place,
                new Preconditions(
                        wanted.path("uid").asText(""),
                        wanted.path("resourceVersion").asText("")),
                dryRun);
        return Answer.ok(deleted(place, last));
    }

    private static ObjectNode deleted(ResourcePath place, ObjectNode last) {
        ObjectNode status =
                Json.object().put("kind", "Status").put("apiVersion", "v1").put("status", "Success");
        status.putObject("metadata");
        status.putObject("details")
                .put("name", place.name())
                .put("group", place.type().group())
                .put("kind", place.type().plural())
                .put("uid", Metadata.uid(last));
        return status;
    }

    private Answer written(int code, ResourcePath place, Request request, Written written) {
        return new Answer(code, shown(place, request, written.object()), written.warnings());
    }

    private ObjectNode shown(ResourcePath place, Request request, ObjectNode object) {
        return tables.one(place.type(), object, request.form(), request.text("includeObject"));
    }

    private static Options options(Request request) {
        FieldValidation validation = switch (request.text("fieldValidation")) {
            case "Strict" -> FieldValidation.STRICT;
            case "Ignore" -> FieldValidation.IGNORE;
            default -> FieldValidation.WARN;
        };
        boolean applies = request.contentType().equals(APPLY);
        return new Options(request.isDryRun(), validation, applies ? request.text("fieldManager") : "");
    }

    private static ObjectNode object(@Nullable JsonNode body) {
        if (body instanceof ObjectNode object) {
            return object;
        }
        throw ApiFailure.badRequest("the request's body must be an object");
    }

    private static ApiFailure unsupported(String contentType) {
        return ApiFailure.of(
                415, "UnsupportedMediaType", "the body of the request was in an unknown format: " + contentType);
    }
}
