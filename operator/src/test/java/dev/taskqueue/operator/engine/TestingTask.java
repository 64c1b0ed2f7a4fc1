package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.AttemptHistory;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.Ending;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Task of a story. Times are counted from its beginning. Every method makes another one. */
record TestingTask(
        String name,
        String queue,
        Instant createdAt,
        Instant dueAt,
        @Nullable Instant expireAt,
        AttemptHistory history,
        @Nullable Obstacle obstacle,
        Offer.@Nullable Claim claim,
        Offer.@Nullable End end) {

    /** Created and due long before the story begins, so due at once. */
    static TestingTask task(String name, String queue) {
        return new TestingTask(
                name, queue, StoryClocks.START, StoryClocks.START, null, AttemptHistory.NONE, null, null, null);
    }

    static TaskId id(String name) {
        return new TaskId(TestingQueue.NAMESPACE, name, "uid-" + name);
    }

    TestingTask due(String offset) {
        return due(StoryClocks.instant(offset));
    }

    TestingTask due(Instant at) {
        return new TestingTask(name, queue, createdAt, at, expireAt, history, obstacle, claim, end);
    }

    TestingTask created(String offset) {
        return new TestingTask(
                name, queue, StoryClocks.instant(offset), dueAt, expireAt, history, obstacle, claim, end);
    }

    TestingTask expires(String offset) {
        return new TestingTask(
                name, queue, createdAt, dueAt, StoryClocks.instant(offset), history, obstacle, claim, end);
    }

    TestingTask blockedBy(Obstacle known) {
        return new TestingTask(name, queue, createdAt, dueAt, expireAt, history, known, claim, end);
    }

    /** Started again for the {@code round}th time, counted from 1, with nothing sent in it yet. */
    TestingTask round(int round) {
        var started = new AttemptHistory(0, 0, 0, round, 0, 0, 0, null, List.of());
        return new TestingTask(name, queue, createdAt, dueAt, expireAt, started, obstacle, claim, end);
    }

    /** It is not to be sent, for a reason that its object alone proves. */
    TestingTask ends(Ending ending, Instant at) {
        return new TestingTask(
                name, queue, createdAt, dueAt, expireAt, history, obstacle, claim, new Offer.End(ending, at));
    }

    /** An earlier process sent it at {@code dispatched} and may write its outcome until {@code until}. */
    TestingTask claimed(String dispatched, String until) {
        var earlier = new Offer.Claim(dueAt, StoryClocks.instant(dispatched), StoryClocks.instant(until));
        return new TestingTask(name, queue, createdAt, dueAt, expireAt, history, obstacle, earlier, end);
    }

    Offer offer() {
        return new Offer(
                new DeliveryId(id(name), history.round()),
                new QueueId(TestingQueue.NAMESPACE, queue),
                createdAt,
                createdAt,
                dueAt,
                expireAt,
                history,
                obstacle,
                claim,
                end);
    }
}
