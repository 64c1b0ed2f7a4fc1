package dev.taskqueue.operator.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.cache.SpecCache.CachedSpec;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.testing.TestingTasks;
import org.junit.jupiter.api.Test;

class SpecCacheTest {
    /** Room for two bodies of 500 bytes, and for the overhead of each Task. */
    private final SpecCache specs = new SpecCache(4000);

    private final TaskObject a = task("a", 500);
    private final TaskObject b = task("b", 500);
    private final TaskObject c = task("c", 500);

    private static TaskObject task(String name, int bodySize) {
        String spec = "{queueRef: {name: 'orders'}, httpRequest: {body: '%s'}}".formatted("x".repeat(bodySize));
        return TaskReader.read(TestingTasks.task(name, 1, "", spec));
    }

    @Test
    void eachIsHandedOutOnce() {
        CachedSpec held = specs.hold(a);
        assertThat(specs.take(held)).isSameAs(a);
        assertThat(specs.take(held)).isNull();
    }

    @Test
    void theOldestGoWhereTheBudgetRunsOut() {
        CachedSpec first = specs.hold(a);
        CachedSpec second = specs.hold(b);
        CachedSpec third = specs.hold(c);
        assertThat(specs.take(first)).isNull();
        assertThat(specs.take(second)).isSameAs(b);
        assertThat(specs.take(third)).isSameAs(c);
    }

    @Test
    void whatIsTakenMakesRoom() {
        CachedSpec first = specs.hold(a);
        CachedSpec second = specs.hold(b);
        specs.take(first);
        CachedSpec third = specs.hold(c);
        assertThat(specs.take(second)).isSameAs(b);
        assertThat(specs.take(third)).isSameAs(c);
    }

    @Test
    void oneThatIsTooLargeIsNotKept() {
        TaskObject tooLarge = task("large", 2501);
        assertThat(specs.take(specs.hold(tooLarge))).isNull();
        TaskObject justFits = task("fits", 2500);
        assertThat(specs.take(specs.hold(justFits))).isSameAs(justFits);
    }
}
