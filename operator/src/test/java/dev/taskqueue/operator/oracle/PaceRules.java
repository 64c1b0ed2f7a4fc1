package dev.taskqueue.operator.oracle;

import java.util.HashMap;
import java.util.Map;

/**
 * {@code RepeatedWithoutPause}: a write that is refused again and again is not repeated at once. The API server needs its time for others, and most of all when it has
 * trouble. Counts the refusals of one process for one object within a second.
 */
final class PaceRules {
    private static final int MOST = 50;
    private static final long SECOND = 1_000_000_000L;

    private static final class Series {
        long since;
        int refusals;
    }

    private final World world;
    private final Map<String, Series> series = new HashMap<>();

    PaceRules(World world) {
        this.world = world;
    }

    void refused(Fact.WriteRefused fact) {
        Series here = series.computeIfAbsent(fact.by() + ' ' + fact.path(), key -> new Series());
        if (here.refusals == 0 || world.now - here.since > SECOND) {
            here.since = world.now;
            here.refusals = 0;
        }
        here.refusals++;
        if (here.refusals > MOST) {
            String text = fact.by() + " was refused " + here.refusals + " times within "
                    + World.seconds(world.now - here.since) + ", with " + fact.code();
            world.report.violation(world.now, "RepeatedWithoutPause", fact.path(), text);
            here.refusals = 0;
        }
    }
}
