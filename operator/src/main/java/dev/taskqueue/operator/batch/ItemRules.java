package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.api.HttpRequest;
import dev.taskqueue.operator.api.SecretHeader;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.HeaderRules;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.SpecRules;
import dev.taskqueue.operator.task.Times;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Finds faults in items that the rules of the CRD cannot find: they do not look into lines, or the object is older than the rule. */
final class ItemRules {
    private static final int MAX_KEY = 200;
    private static final int MAX_PATH = 2083;
    private static final int MAX_HEADERS = 16;
    private static final int MAX_HEADER_VALUE = 4096;
    private static final int MAX_TYPED_BODY = 16_384;
    private static final int MAX_BODY = 65_536;

    /** The creation time is cut to seconds. */
    private static final Duration CUT = Duration.ofSeconds(1);

    private final boolean isTyped;
    private final boolean carriesBody;
    private final boolean hasToken;
    private final Map<String, String> templateHeaders;
    private final Set<String> secretHeaders = new HashSet<>();
    private final Set<String> checkedNames = new HashSet<>();
    private final @Nullable String method;
    private final Instant latest;
    private final @Nullable Instant expireAt;
    private final Duration maxScheduleAhead;

    /** The rules for the items of one batch. */
    ItemRules(BatchObject batch, boolean isTyped, Duration maxScheduleAhead) {
        HttpRequest request = batch.spec().request();
        this.isTyped = isTyped;
        this.method = request == null || request.method() == null
                ? null
                : request.method().name();
        this.carriesBody = EffectiveRequest.carriesBody(request == null ? null : request.method());
        this.hasToken = request != null && request.serviceAccountToken() != null;
        this.templateHeaders = request == null || request.headers() == null ? Map.of() : request.headers();
        if (request != null && request.secretHeaders() != null) {
            for (SecretHeader header : request.secretHeaders()) {
                secretHeaders.add(String.valueOf(header.name()).toLowerCase(Locale.ROOT));
            }
        }
        this.maxScheduleAhead = maxScheduleAhead;
        this.latest = batch.createdAt().plus(maxScheduleAhead).plus(CUT);
        this.expireAt = Times.read(batch.spec().expireTime()).orElse(null);
    }

    void check(Item item) throws ItemFault {
        if (item.key() != null && !isKey(item.key())) {
            throw new ItemFault("key must have 1 to 200 letters, digits, - and _: choose another one");
        }
        checkPath(item.path());
        checkHeaders(item.headers(), item.deadLetterOf() != null);
        checkBody(item);
        checkTimes(item);
    }

    private static boolean isKey(String key) {
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_') {
                return false;
            }
        }
        return !key.isEmpty() && key.length() <= MAX_KEY;
    }

    private static void checkPath(@Nullable String path) throws ItemFault {
        if (path == null) {
            return;
        }
        if (path.isEmpty() || path.length() > MAX_PATH) {
            throw new ItemFault("path must have 1 to " + MAX_PATH + " characters: shorten it");
        }
        objectTo(SpecRules.checkPath("path", path));
    }

    private static void objectTo(Optional<String> objection) throws ItemFault {
        if (objection.isPresent()) {
            String sentence = objection.get();
            throw new ItemFault(sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence);
        }
    }

    private void checkHeaders(Map<String, String> headers, boolean isDeadLetter) throws ItemFault {
        if (headers.isEmpty()) {
            return;
        }
        if (headers.size() > MAX_HEADERS) {
            throw new ItemFault("it has %d headers: set at most %d".formatted(headers.size(), MAX_HEADERS));
        }
        for (Map.Entry<String, String> header : headers.entrySet()) {
            checkHeader(header);
            if (header.getValue().length() > MAX_HEADER_VALUE) {
                throw new ItemFault(
                        "the value of header %s is longer than %d characters: shorten it, or send it in the body"
                                .formatted(header.getKey(), MAX_HEADER_VALUE));
            }
            // The secret header of a dead letter's template may be one of the queue's, which the item had replaced.
            if (!isDeadLetter && secretHeaders.contains(header.getKey().toLowerCase(Locale.ROOT))) {
                throw new ItemFault("header " + header.getKey() + " is one of the template's secretHeaders: remove it");
            }
        }
        if (headers.size() > 1 || !templateHeaders.isEmpty()) {
            checkTogether(headers);
        }
    }

    /** The items of a batch have the same names, mostly. */
    private void checkHeader(Map.Entry<String, String> header) throws ItemFault {
        if (!checkedNames.contains(header.getKey())) {
            objectTo(HeaderRules.checkName(header.getKey(), hasToken));
            checkedNames.add(header.getKey());
        }
        objectTo(HeaderRules.checkValue(header.getKey(), header.getValue()));
    }

    /** The headers of one request together. Capitals in names do not matter. */
    private void checkTogether(Map<String, String> headers) throws ItemFault {
        var merged = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        merged.putAll(headers);
        if (merged.size() < headers.size()) {
            throw new ItemFault("two of its headers differ in capitals only: keep one");
        }
        templateHeaders.forEach(merged::putIfAbsent);
        if (merged.size() > HeaderRules.MAX_ENTRIES) {
            throw new ItemFault("it has %d headers together with the template's: set at most %d"
                    .formatted(merged.size(), HeaderRules.MAX_ENTRIES));
        }
        objectTo(HeaderRules.checkSize(merged));
    }

    private void checkBody(Item item) throws ItemFault {
        byte[] body = item.body();
        if (body == null) {
            return;
        }
        if (!carriesBody) {
            throw new ItemFault("it has a body, which the template's method " + method
                    + " does not carry: use POST, PUT or PATCH, or remove it");
        }
        if (isTyped && item.isJson()) {
            throw new ItemFault("body is no text: write it in quotation marks");
        }
        int limit = isTyped ? MAX_TYPED_BODY : MAX_BODY;
        if (body.length > limit && characters(body) > limit) {
            throw new ItemFault(
                    "body is longer than " + limit + " characters: shorten it, or send a Task with bodyFrom");
        }
    }

    private static int characters(byte[] utf8) {
        String text = new String(utf8, StandardCharsets.UTF_8);
        return text.codePointCount(0, text.length());
    }

    private void checkTimes(Item item) throws ItemFault {
        if (item.scheduleTime() != null && item.delay() != null) {
            throw new ItemFault("it has both scheduleTime and delay: keep one");
        }
        if (item.scheduleTime() != null) {
            Instant time = Times.read(item.scheduleTime())
                    .orElseThrow(
                            () -> new ItemFault("scheduleTime is no RFC 3339 time: write it as 2026-11-21T09:00:00Z"));
            if (time.isAfter(latest)) {
                throw tooFarAhead("scheduleTime");
            }
            if (expireAt != null && expireAt.isBefore(time)) {
                throw new ItemFault("scheduleTime is after the batch's expireTime: choose an earlier one");
            }
        } else if (item.delay() != null && delay(item.delay()).compareTo(maxScheduleAhead) > 0) {
            throw tooFarAhead("delay");
        }
    }

    private ItemFault tooFarAhead(String field) {
        return new ItemFault("%s is more than %s after the batch's creation: choose an earlier time"
                .formatted(field, Durations.format(maxScheduleAhead)));
    }

    private static Duration delay(String text) throws ItemFault {
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw new ItemFault("delay is no duration: write it as 30s or 1h30m");
        }
    }
}
