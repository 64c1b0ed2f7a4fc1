package dev.taskqueue.operator.oracle;

/**
 * {@code NeighbourDisturbed}: "one tenant's trouble: another namespace's lateness p99" grows by at most 1.5 times. Compares the lateness of first attempts in other
 * namespaces, while every fault concerns one namespace only, with that of all first attempts while there is no fault. Tasks that a pause, a limit or run-now moved,
 * and the time after a leader was lost, do not count.
 */
final class IsolationRules implements Rules {
    private static final int ENOUGH = 200;
    private static final double FACTOR = 1.5;
    /** How long after a fault the lateness is the usual one again. */
    private static final long CALM = 30_000_000_000L;

    /** Counts by size, each class a tenth larger than the one before; the first one holds everything up to a millisecond. */
    private static final class Histogram {
        private final long[] classes = new long[256];
        private long sum;

        void add(long nanos) {
            double size = Math.log(Math.max(1, nanos / 1e6)) / Math.log(1.1);
            classes[(int) Math.min(classes.length - 1, Math.ceil(size))]++;
            sum++;
        }

        double p99() {
            long above = sum / 100;
            int i = classes.length - 1;
            for (long seen = classes[i]; seen <= above && i > 0; ) {
                seen += classes[--i];
            }
            return Math.pow(1.1, i) * 1e6;
        }
    }

    private final World world;
    private final LimitRules limits;
    private final Histogram calm = new Histogram();
    private final Histogram beside = new Histogram();

    IsolationRules(World world, LimitRules limits) {
        this.world = world;
        this.limits = limits;
    }

    @Override
    public void received(TaskModel task, Request request) {
        QueueModel queue = world.queueOf(task);
        boolean plain = request.number == 1
                && task.round == 1
                && task.requests.isEmpty()
                && task.status.dispatches() == 0
                && !request.runNow
                && task.runNow == null
                && !queue.pauseWished()
                && !task.touched;
        long since = world.now - Math.min(world.quiet, CALM);
        long due = Math.max(task.dueAt(), task.createdAt);
        boolean moved = queue.changedAt > since
                || world.objects.changedAt(task.namespace) > due
                || world.faults.recovering(since)
                || world.clocksSet
                || !task.status.accepted().isEmpty()
                || limits.limited(queue);
        if (!plain || moved) {
            return;
        }
        String troubled = world.faults.onlyNamespace();
        if (!world.faults.any() && world.faults.last(world.now) < since) {
            calm.add(world.now - due);
        } else if (!troubled.isEmpty() && !troubled.equals(task.namespace) && !world.faults.forAll(since)) {
            beside.add(world.now - due);
        }
    }

    @Override
    public void end() {
        world.report.count("lateness:calm", calm.sum);
        world.report.count("lateness:beside a fault", beside.sum);
        if (calm.sum < ENOUGH || beside.sum < ENOUGH) {
            return;
        }
        world.report.count("lateness:calm p99 in microseconds", (long) (calm.p99() / 1e3));
        world.report.count("lateness:beside a fault p99 in microseconds", (long) (beside.p99() / 1e3));
        double most = calm.p99() * FACTOR + world.settings.lateness().toNanos();
        if (beside.p99() > most) {
            String text = "p99 of the lateness beside a fault of one namespace: " + World.seconds((long) beside.p99())
                    + ", without a fault: " + World.seconds((long) calm.p99());
            world.report.violation(world.now, "NeighbourDisturbed", "", text);
        }
    }
}
