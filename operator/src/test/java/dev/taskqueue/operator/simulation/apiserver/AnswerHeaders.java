package dev.taskqueue.operator.simulation.apiserver;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The headers of answers: the type and the time of the server. Those of one second are made once. */
final class AnswerHeaders {
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final InstantSource clock;
    private long second = Long.MIN_VALUE;
    private Map<String, String> headers = Map.of();

    AnswerHeaders(InstantSource clock) {
        this.clock = clock;
    }

    Map<String, String> now() {
        Instant now = clock.instant();
        if (now.getEpochSecond() != second) {
            second = now.getEpochSecond();
            headers = Collections.unmodifiableMap(all(now));
        }
        return headers;
    }

    Map<String, String> withRetryAfter(int seconds) {
        Map<String, String> all = all(clock.instant());
        all.put("Retry-After", Integer.toString(seconds));
        return all;
    }

    private static Map<String, String> all(Instant now) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("Content-Type", "application/json");
        all.put("Date", HTTP_DATE.format(now));
        return all;
    }
}
