package dev.taskqueue.operator.simulation.apiserver;

import dev.taskqueue.operator.simulation.apiserver.StoredChange.Change;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A change of one object, as the history keeps it. All watches share the bytes of its lines. */
final class StoreEvent {
    private final long version;
    private final String key;
    private final @Nullable StoredObject before;
    private final @Nullable StoredObject after;
    /** Made when it is first needed. */
    private @Nullable StoredObject last;

    private final Map<EventType, byte[]> lines = new EnumMap<>(EventType.class);

    /**
     * @param before null = the object is new
     * @param after null = the object was deleted
     */
    StoreEvent(long version, String key, @Nullable StoredObject before, @Nullable StoredObject after) {
        this.version = version;
        this.key = key;
        this.before = before;
        this.after = after;
    }

    long version() {
        return version;
    }

    String key() {
        return key;
    }

    @Nullable StoredObject before() {
        return before;
    }

    @Nullable StoredObject after() {
        return after;
    }

    Change change() {
        return after == null ? Change.Deleted : before == null ? Change.Created : Change.Changed;
    }

    /** The object after the change; a deleted one as it was last, with the version of the deletion. */
    StoredObject shown() {
        return after != null ? after : last();
    }

    /** The object as it was before, with the version of this event. */
    private StoredObject last() {
        if (last == null) {
            last = Objects.requireNonNull(before).deletedAt(version);
        }
        return last;
    }

    /** The line of a watch for this event. An object that leaves a selection is shown as it was before, with the version of this event. */
    byte[] line(EventType type, boolean metadataOnly) {
        return metadataOnly ? newLine(type, true) : lines.computeIfAbsent(type, missing -> newLine(missing, false));
    }

    private byte[] newLine(EventType type, boolean metadataOnly) {
        StoredObject object = type == EventType.DELETED ? last() : Objects.requireNonNull(after);
        return Bytes.join(type.head(), object.json(metadataOnly), Bytes.CLOSING_BRACE);
    }
}
