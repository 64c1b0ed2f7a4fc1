package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.SecretHeader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Lays what an item says over the template. The body of the item is not part of it: {@link Item#body()} has it as bytes. */
public final class ItemRequest {
    private ItemRequest() {}

    /** The template itself if the item replaces neither path nor headers. */
    public static HttpRequest of(@Nullable HttpRequest template, Item item) {
        HttpRequest under = template == null ? HttpRequest.EMPTY : template;
        if (item.path() == null && item.headers().isEmpty()) {
            return under;
        }
        return under.with(
                item.path() == null ? under.path() : item.path(),
                headers(under.headers(), item.headers()),
                secretHeaders(under.secretHeaders(), item.headers()));
    }

    private static @Nullable Map<String, String> headers(
            @Nullable Map<String, String> under, Map<String, String> over) {
        if (over.isEmpty() || under == null) {
            return over.isEmpty() ? under : over;
        }
        var merged = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        merged.putAll(under);
        merged.putAll(over);
        return merged;
    }

    /** A plain header of an item replaces a secret one of the template. Only dead letters have both. */
    private static @Nullable List<SecretHeader> secretHeaders(
            @Nullable List<SecretHeader> under, Map<String, String> over) {
        if (under == null || over.isEmpty()) {
            return under;
        }
        return under.stream()
                .filter(secret -> over.keySet().stream().noneMatch(name -> name.equalsIgnoreCase(secret.name())))
                .toList();
    }
}
