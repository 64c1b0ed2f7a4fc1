package dev.taskqueue.operator.testing;

import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Alarm;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.engine.Dispatcher;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.EngineLimits;
import dev.taskqueue.operator.engine.EnginePorts;
import dev.taskqueue.operator.engine.Fence;
import dev.taskqueue.operator.engine.Journal;
import dev.taskqueue.operator.engine.Listener;
import java.time.Duration;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;

/** Engines for tests of other packages. No alarm ever rings. */
public final class TestingEngine {
    private TestingEngine() {}

    /** An engine that sends nothing, because its dispatcher knows no queue. It runs on the caller's thread. */
    public static Engine silent(InstantSource wall, Fence fence) {
        return of(
                (delivery, queue) -> new Dispatcher.Preparation.Blocked(Obstacle.noQueue(queue)),
                (delivery, queue, entry) -> new Journal.Receipt.TaskDeleted(),
                fence,
                wall,
                Runnable::run);
    }

    /** An engine that sends through this dispatcher. Its monotonic clock stands still. */
    public static Engine of(Dispatcher dispatcher, Journal journal, Fence fence, InstantSource wall, Executor threads) {
        return new Engine(
                new EnginePorts(dispatcher, journal, new SilentAlarm(), fence, new Listener() {}),
                new EngineLimits(10, 10),
                new Clocks(wall, () -> 0),
                threads,
                new SplittableRandom(7));
    }

    private static final class SilentAlarm implements Alarm {
        @Override
        public void set(QueueId queue, Duration wait) {}

        @Override
        public void clear(QueueId queue) {}
    }
}
