package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PayloadsTest {
    /** Room for two bodies of 500 bytes, with what each Task costs besides. */
    private final Payloads payloads = new Payloads(4000);

    private final TaskObject a = task("a", 500);
    private final TaskObject b = task("b", 500);
    private final TaskObject c = task("c", 500);

    private static TaskObject task(String name, int bodySize) {
        String spec = "{queueRef: {name: 'orders'}, httpRequest: {body: '%s'}}".formatted("x".repeat(bodySize));
        return TaskReader.read(TestingTasks.task(name, 1, "", spec));
    }

    @Test
    void eachIsHandedOutOnce() {
        payloads.put(a);
        assertThat(payloads.take(a.id())).isSameAs(a);
        assertThat(payloads.take(a.id())).isNull();
    }

    @Test
    void theOldestGoWhereTheBudgetRunsOut() {
        payloads.put(a);
        payloads.put(b);
        payloads.put(c);
        assertThat(payloads.take(a.id())).isNull();
        assertThat(payloads.take(b.id())).isSameAs(b);
        assertThat(payloads.take(c.id())).isSameAs(c);
    }

    @Test
    void whatIsTakenMakesRoom() {
        payloads.put(a);
        payloads.put(b);
        payloads.take(a.id());
        payloads.put(c);
        assertThat(payloads.take(b.id())).isSameAs(b);
        assertThat(payloads.take(c.id())).isSameAs(c);
    }

    @Test
    void oneThatComesAgainCountsOnce() {
        payloads.put(a);
        payloads.put(a);
        payloads.put(b);
        assertThat(payloads.take(a.id())).isSameAs(a);
        assertThat(payloads.take(b.id())).isSameAs(b);
    }

    @Test
    void oneThatIsTooLargeIsNotKept() {
        TaskObject tooLarge = task("large", 2501);
        payloads.put(tooLarge);
        assertThat(payloads.take(tooLarge.id())).isNull();
        TaskObject justFits = task("fits", 2500);
        payloads.put(justFits);
        assertThat(payloads.take(justFits.id())).isSameAs(justFits);
    }
}
