package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Progress;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A Task of a story. Times are counted from its beginning. Every method makes another one. */
record TestingTask(
        String name,
        String queue,
        Instant createdAt,
        Instant dueAt,
        @Nullable Instant expireAt,
        Progress progress,
        @Nullable Obstacle obstacle,
        Offer.@Nullable Claim claim) {

    /** Created and due long before the story begins, so due at once. */
    static TestingTask task(String name, String queue) {
        return new TestingTask(name, queue, TestingTime.START, TestingTime.START, null, Progress.NONE, null, null);
    }

    static TaskId id(String name) {
        return new TaskId(TestingQueue.NAMESPACE, name, "uid-" + name);
    }

    TestingTask due(String offset) {
        return due(TestingTime.instant(offset));
    }

    TestingTask due(Instant at) {
        return new TestingTask(name, queue, createdAt, at, expireAt, progress, obstacle, claim);
    }

    TestingTask created(String offset) {
        return new TestingTask(name, queue, TestingTime.instant(offset), dueAt, expireAt, progress, obstacle, claim);
    }

    TestingTask expires(String offset) {
        return new TestingTask(name, queue, createdAt, dueAt, TestingTime.instant(offset), progress, obstacle, claim);
    }

    TestingTask blockedBy(Obstacle known) {
        return new TestingTask(name, queue, createdAt, dueAt, expireAt, progress, known, claim);
    }

    /** An earlier process sent it at {@code dispatched} and may write its outcome until {@code until}. */
    TestingTask claimed(String dispatched, String until) {
        var earlier = new Offer.Claim(dueAt, TestingTime.instant(dispatched), TestingTime.instant(until));
        return new TestingTask(name, queue, createdAt, dueAt, expireAt, progress, obstacle, earlier);
    }

    Offer offer() {
        return new Offer(
                id(name),
                new QueueId(TestingQueue.NAMESPACE, queue),
                createdAt,
                createdAt,
                dueAt,
                expireAt,
                progress,
                obstacle,
                claim);
    }
}
