package dev.taskqueue.operator.oracle;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges a run by the contract ({@code semantics.md}, {@code api.md}). It takes the facts of the run in the order of their times, and tells at the end which rules
 * were broken. Each class that implements {@link Rules} names its rules, the sentence of the contract that each one is, and its exceptions.
 *
 * <p>A restore of etcd is a fault whose name begins with {@code restore}. The run then also reports each object that the restore changed, as stored by
 * {@code people}. Of the Tasks that were there, numbers, counts and ends may repeat, and nobody knows whether they were sent before. Everything else is demanded as
 * before: times, pauses, limits, the right to send, retention, and that nothing waits for ever.
 *
 * <p>Not judged, because no fact shows it: the headers of answers ({@code Retry-After}, {@code TaskQueue-No-Retry}) beyond what they may never do, when adaptive
 * throttling begins, whether a target was refused rightly, and the number of API requests.
 */
public final class Oracle {
    private final World world;
    private final TaskFacts tasks;
    private final BatchFacts batches;
    private final ProgressRules progress;
    private final PaceRules pace;

    public Oracle(OracleSettings settings) {
        world = new World(settings);
        pace = new PaceRules(world);
        tasks = new TaskFacts(world);
        LimitRules limits = new LimitRules(world);
        batches = new BatchFacts(world, limits);
        Obstacles obstacles = new Obstacles(world);
        progress = new ProgressRules(world, obstacles, limits);
        world.rules.addAll(List.of(
                new DeliveryRules(world),
                new WriteRules(world),
                new AttemptRules(world),
                new HeaderRules(world),
                new BackoffRules(world),
                new PromptRules(world, limits),
                limits,
                new ContentRules(world),
                new TokenRules(world),
                new RecordRules(world),
                new EndRules(world),
                new DeadLetterRules(world),
                new RetentionRules(world),
                new OperationRules(world, obstacles),
                new TellingRules(world, obstacles),
                progress,
                new IsolationRules(world, limits),
                new MemoryRules(world, obstacles)));
    }

    /** Facts are observed in the order of their times. */
    public void observe(Fact fact) {
        world.advance(Values.nanos(fact.at()));
        world.report.count("facts");
        switch (fact) {
            case Fact.Stored stored -> stored(stored);
            case Fact.Refused refused -> batches.refused(refused);
            case Fact.WriteRefused refused -> pace.refused(refused);
            case Fact.Received received when BatchFacts.isOfItem(received) -> batches.received(received);
            case Fact.Received received -> tasks.received(received);
            case Fact.Answered answered -> {
                tasks.answered(answered);
                batches.answered(answered);
            }
            case Fact.Started started -> world.processes.started(started);
            case Fact.Ended ended -> world.processes.ended(ended);
            case Fact.Stopping stopping ->
                world.processes.get(stopping.process()).stops(world.now);
            case Fact.Frozen frozen -> world.processes.get(frozen.process()).frozenAt = world.now;
            case Fact.Thawed thawed -> thawed(world.processes.get(thawed.process()));
            case Fact.ClockSet set -> {
                world.clocksSet |= !set.offset().isZero();
                world.processes.get(set.process()).setOffset(set.offset().toNanos(), world.now);
            }
            case Fact.FaultBegan began -> faultBegan(began);
            case Fact.FaultEnded ended -> world.faults.ended(ended.fault(), world.now);
            case Fact.Holds holds -> {
                ProcessModel process = world.processes.get(holds.process());
                world.each(rules -> rules.holds(process, holds));
            }
        }
    }

    private void stored(Fact.Stored fact) {
        world.sentAt = fact.sentAt() == null ? Values.NEVER : Values.nanos(fact.sentAt());
        if (fact.kind().startsWith("Task") && !fact.kind().equals("TaskQueue")) {
            world.objects.hasTasks(Values.text(fact.object().path("metadata"), "namespace"));
        }
        switch (fact.kind()) {
            case "Task" -> {
                tasks.stored(fact);
                batches.taskCreated(fact);
            }
            case "TaskBatch" -> batches.stored(fact);
            case "TaskQueue" -> queueStored(fact);
            case "Lease" -> world.processes.lease(fact);
            default -> world.objects.stored(fact, world.now);
        }
    }

    private void queueStored(Fact.Stored fact) {
        QueueModel queue = world.queue(TaskFacts.key(fact.object()));
        ProcessModel by = world.processes.writer(fact.by());
        if (fact.change() == Fact.Change.Deleted) {
            queue.deleted(world.now);
            world.each(rules -> rules.queueDeleted(queue));
        } else {
            queue.stored(fact.object(), by != null, world.now, world.notice(), world.quiet);
            queue.changedAt = by == null ? world.now : queue.changedAt;
            world.each(rules -> rules.queueStored(queue, by));
        }
    }

    private void thawed(ProcessModel process) {
        world.thawed(process.frozenAt == Values.NEVER ? 0 : world.now - process.frozenAt);
        process.frozenAt = Values.NEVER;
        process.thawedAt = world.now;
        world.faults.recoveryFrom(world.now);
    }

    private void faultBegan(Fact.FaultBegan fact) {
        world.report.count("faults");
        world.faults.began(fact.fault(), fact.namespace(), world.now);
        if (fact.fault().startsWith("restore")) {
            world.tasks.values().forEach(task -> task.touched = true);
        }
    }

    /** Judges what is left, and returns every violation of the run (of each rule the first 200). */
    public List<Violation> end(Instant at) {
        world.advance(Values.nanos(at));
        world.finish();
        world.each(Rules::end);
        batches.end(progress::isBusy);
        for (TaskModel task : new ArrayList<>(world.tasks.values())) {
            world.each(rules -> rules.judged(task));
            world.report.keep(task);
        }
        return world.report.violations();
    }

    /** How often what happened; the names of violations begin with {@code violation:}. */
    public Map<String, Long> counts() {
        return world.report.counts();
    }

    /**
     * Tells everything that is known about a Task, line by line. Of a Task that is gone, only if it broke a rule.
     *
     * @param task namespace/name
     */
    public String story(String task) {
        TaskModel known = world.tasksByKey.get(task);
        @Nullable List<StoryLine> lines = known == null || known.violated ? world.report.story(task) : known.story();
        return task + " " + StoryLine.print(lines == null ? List.of() : lines);
    }
}
