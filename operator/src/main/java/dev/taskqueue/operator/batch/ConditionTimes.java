package dev.taskqueue.operator.batch;

import dev.taskqueue.operator.api.Conditions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.Map;

/** When each condition of a batch last changed its status. */
final class ConditionTimes {
    private final Map<Conditions.Type, Since> times = new EnumMap<>(Conditions.Type.class);

    private record Since(String status, Instant at) {}

    /** Notes what status says already. */
    void put(Conditions.Type type, String status, Instant at) {
        times.put(type, new Since(status, at));
    }

    /** The condition has this status now; returns since when. */
    Instant since(Conditions.Type type, String status, Instant now) {
        Since before = times.get(type);
        if (before == null || !before.status().equals(status)) {
            before = new Since(status, now.truncatedTo(ChronoUnit.SECONDS));
            times.put(type, before);
        }
        return before.at();
    }
}
