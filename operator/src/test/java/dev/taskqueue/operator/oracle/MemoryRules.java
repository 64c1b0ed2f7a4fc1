package dev.taskqueue.operator.oracle;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What processes hold in memory.
 *
 * <ul>
 *   <li>{@code PoolNotEmpty}: after the last fault and the quiet time, with no request in flight and none of an item within that time, each {@code pool:} of the
 *       last {@link Fact.Holds} of each live process is 0.
 *   <li>{@code TextKept}: "memory per Task bounded whatever people write": no {@code text:} is longer than any body that rides along.
 *   <li>{@code MapTooLarge}: a map is larger than twice what the store held within the last minutes; {@code MapNotEmptied}: at the end, larger than the store.
 *       An item of a batch counts unless it has succeeded: of those that have failed, what came of them is kept.
 * </ul>
 */
final class MemoryRules implements Rules {
    private static final long SLACK = 64;
    private static final String POOL = "pool:";
    private static final String TEXT = "text:";
    private static final long LONGEST_TEXT = 32_768;

    private final World world;
    private final Obstacles obstacles;
    private final Map<ProcessModel, Map<String, Long>> last = new LinkedHashMap<>();
    private final Map<ProcessModel, Long> lastAt = new LinkedHashMap<>();
    private final long slot;
    private long slotAt = Values.ALWAYS;
    private long largestBefore;
    private long largest;

    MemoryRules(World world, Obstacles obstacles) {
        this.world = world;
        this.obstacles = obstacles;
        slot = Math.max(world.quiet, world.settings.slowWrite().toNanos());
    }

    private long store() {
        return world.tasks.size() + world.queues.size() + world.objects.count();
    }

    private long items() {
        return world.batches.values().stream()
                .filter(batch -> !batch.gone())
                .mapToLong(batch -> batch.total() - batch.status.succeeded().cardinality())
                .sum();
    }

    private void measure() {
        if (slotAt == Values.ALWAYS || world.now - slotAt > slot) {
            boolean fresh = slotAt == Values.ALWAYS || world.now - slotAt <= 2 * slot;
            largestBefore = fresh ? largest : 0;
            largest = 0;
            slotAt = world.now;
        }
        largest = Math.max(largest, store());
    }

    @Override
    public void created(TaskModel task, @org.jspecify.annotations.Nullable ProcessModel by) {
        measure();
    }

    @Override
    public void deleted(TaskModel task, @org.jspecify.annotations.Nullable ProcessModel by) {
        measure();
    }

    @Override
    public void lost(ProcessModel process) {
        last.remove(process);
    }

    @Override
    public void holds(ProcessModel process, Fact.Holds fact) {
        measure();
        last.put(process, fact.sizes());
        lastAt.put(process, world.now);
        long most = 2 * (Math.max(largest, largestBefore) + items()) + SLACK;
        boolean disturbed = world.faults.any();
        fact.sizes().forEach((name, size) -> {
            if (name.startsWith(TEXT)) {
                text(process, name, size);
            } else if (!name.startsWith(POOL) && size > most && !disturbed) {
                String text = name + " holds " + size + ", the store at most " + Math.max(largest, largestBefore);
                world.report.violation(world.now, "MapTooLarge", process.name, text);
            }
        });
    }

    private void text(ProcessModel process, String name, long size) {
        if (size > LONGEST_TEXT) {
            world.report.violation(world.now, "TextKept", process.name, name + " has " + size + " characters");
        }
    }

    @Override
    public void end() {
        if (!obstacles.judged()) {
            return;
        }
        boolean idle = !obstacles.inFlight() && world.now - world.quiet > world.itemSeenAt;
        last.forEach((process, sizes) -> {
            boolean recent = world.now - lastAt.getOrDefault(process, 0L) < world.quiet;
            if (process.lives() && process.frozenAt == Values.NEVER && recent) {
                sizes.forEach((name, size) -> atEnd(process, name, size, idle));
            }
        });
    }

    private void atEnd(ProcessModel process, String name, long size, boolean idle) {
        if (name.startsWith(POOL)) {
            if (size != 0 && idle) {
                world.report.violation(world.now, "PoolNotEmpty", process.name, name + " still holds " + size);
            }
        } else if (!name.startsWith(TEXT) && size > store() + items() + SLACK) {
            String text = name + " still holds " + size + ", the store " + store();
            world.report.violation(world.now, "MapNotEmptied", process.name, text);
        }
    }
}
