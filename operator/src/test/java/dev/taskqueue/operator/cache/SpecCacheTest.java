package dev.taskqueue.operator.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.cache.SpecCache.Payload;
import dev.taskqueue.operator.task.TaskObject;
import dev.taskqueue.operator.task.TaskReader;
import dev.taskqueue.operator.testing.TestingTasks;
import org.junit.jupiter.api.Test;

class SpecCacheTest {
    /** Room for two bodies of 500 bytes, with what each Task costs besides. */
    private final SpecCache payloads = new SpecCache(4000);

    private final TaskObject a = task("a", 500);
    private final TaskObject b = task("b", 500);
    private final TaskObject c = task("c", 500);

    private static TaskObject task(String name, int bodySize) {
        String spec = "{queueRef: {name: 'orders'}, httpRequest: {body: '%s'}}".formatted("x".repeat(bodySize));
        return TaskReader.read(TestingTasks.task(name, 1, "", spec));
    }

    @Test
    void eachIsHandedOutOnce() {
        Payload held = payloads.hold(a);
        assertThat(payloads.take(held)).isSameAs(a);
        assertThat(payloads.take(held)).isNull();
    }

    @Test
    void theOldestGoWhereTheBudgetRunsOut() {
        Payload first = payloads.hold(a);
        Payload second = payloads.hold(b);
        Payload third = payloads.hold(c);
        assertThat(payloads.take(first)).isNull();
        assertThat(payloads.take(second)).isSameAs(b);
        assertThat(payloads.take(third)).isSameAs(c);
    }

    @Test
    void whatIsTakenMakesRoom() {
        Payload first = payloads.hold(a);
        Payload second = payloads.hold(b);
        payloads.take(first);
        Payload third = payloads.hold(c);
        assertThat(payloads.take(second)).isSameAs(b);
        assertThat(payloads.take(third)).isSameAs(c);
    }

    @Test
    void oneThatIsTooLargeIsNotKept() {
        TaskObject tooLarge = task("large", 2501);
        assertThat(payloads.take(payloads.hold(tooLarge))).isNull();
        TaskObject justFits = task("fits", 2500);
        assertThat(payloads.take(payloads.hold(justFits))).isSameAs(justFits);
    }
}
