package dev.taskqueue.operator.batches;

import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.QueueProfiles;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.intake.NamespaceTerms;
import dev.taskqueue.operator.testing.TestingEngine;
import java.time.Duration;
import java.time.Instant;

/** The lifecycle of batches in a process that leads, with an engine that sends nothing. The clocks stand still. */
final class TestingLifecycle {
    static final Instant NOW = Instant.parse("2026-11-20T08:00:00Z");

    final Engine engine = TestingEngine.silent(() -> NOW, () -> true);
    final BatchCache batches = new BatchCache();
    final QueueProfiles queues = new QueueProfiles();
    final BatchJournal journal;
    final BatchLifecycle lifecycle;

    TestingLifecycle() {
        var clocks = new Clocks(() -> NOW, () -> 0);
        var lists = new ItemListCache(1_000_000);
        var commits = new CommitQueue(pause -> {});
        journal = new BatchJournal(batches, lists, queues, commits, engine::batches, clocks.monotonic());
        lifecycle = new BatchLifecycle(
                batches,
                lists,
                engine.batches(),
                journal,
                commits,
                new BatchOffers(() -> NOW, NamespaceTerms.alone(NOW, NOW), () -> Duration.ZERO, Duration.ofDays(30)),
                new FinishedObjects<>(clocks),
                clocks,
                "me");
    }
}
