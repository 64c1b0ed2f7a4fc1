package dev.taskqueue.operator.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.api.ApiGroup;
import dev.taskqueue.operator.domain.Occurrence;
import dev.taskqueue.operator.domain.PlainLine;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The JSON of an Event of {@code events.k8s.io/v1}. Pure. */
final class EventObject {
    static final String CONTROLLER = "taskqueue.dev/operator";

    /** The longest note in bytes that the API server accepts. */
    private static final int MAX_NOTE = 1024;
    /** The longest name of an object. */
    private static final int MAX_NAME = 253;
    /** The longest name of the instance that reports. */
    private static final int MAX_INSTANCE = 128;

    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private EventObject() {}

    /** The name of the Event about an object at a time, different for each nanosecond. */
    static String name(Occurrence about, Instant at, long nanos) {
        String suffix = "." + Long.toHexString(at.getEpochSecond()) + Long.toHexString(nanos & 0xffff_ffffL);
        String name = about.subject().name();
        int most = MAX_NAME - suffix.length();
        return (name.length() <= most ? name : name.substring(0, most).replaceAll("[.-]+$", "")) + suffix;
    }

    static String create(Occurrence about, String name, String instance, Instant at) {
        Occurrence.Subject subject = about.subject();
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("apiVersion", "events.k8s.io/v1").put("kind", "Event");
        event.putObject("metadata").put("name", name).put("namespace", subject.namespace());
        event.put("eventTime", MICROS.format(at));
        event.put("reportingController", CONTROLLER).put("reportingInstance", cut(instance, MAX_INSTANCE));
        event.put("action", about.action()).put("reason", about.reason());
        event.put("type", about.isWarning() ? "Warning" : "Normal");
        event.put("note", cut(PlainLine.of(about.note()), MAX_NOTE));
        event.putObject("regarding")
                .put("apiVersion", ApiGroup.API_VERSION)
                .put("kind", subject.kind().name())
                .put("namespace", subject.namespace())
                .put("name", subject.name())
                .put("uid", subject.uid());
        return event.toString();
    }

    /** The patch that says that the same has happened again. */
    static String repeat(int count, Instant at) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("series").put("count", count).put("lastObservedTime", MICROS.format(at));
        return patch.toString();
    }

    /** Cuts to so many bytes of UTF-8. */
    private static String cut(String text, int most) {
        if (text.getBytes(UTF_8).length <= most) {
            return text;
        }
        int end = Math.min(text.length(), most - 3);
        while (text.substring(0, end).getBytes(UTF_8).length > most - 3) {
            end = text.offsetByCodePoints(end, -1);
        }
        if (Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end) + "...";
    }
}
