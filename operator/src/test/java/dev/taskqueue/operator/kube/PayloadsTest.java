package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PayloadsTest {
    /** Room for two of 500 bytes, with what each costs besides. */
    private final Payloads payloads = new Payloads(2000);

    private final TaskObject a = TaskReader.read(TestingTasks.task("a", 1));
    private final TaskObject b = TaskReader.read(TestingTasks.task("b", 1));
    private final TaskObject c = TaskReader.read(TestingTasks.task("c", 1));

    @Test
    void eachIsHandedOutOnce() {
        payloads.put(a, 500);
        assertThat(payloads.take(a.id())).isSameAs(a);
        assertThat(payloads.take(a.id())).isNull();
    }

    @Test
    void theOldestGoWhereTheBudgetRunsOut() {
        payloads.put(a, 500);
        payloads.put(b, 500);
        payloads.put(c, 500);
        assertThat(payloads.take(a.id())).isNull();
        assertThat(payloads.take(b.id())).isSameAs(b);
        assertThat(payloads.take(c.id())).isSameAs(c);
    }

    @Test
    void whatIsTakenMakesRoom() {
        payloads.put(a, 500);
        payloads.put(b, 500);
        payloads.take(a.id());
        payloads.put(c, 500);
        assertThat(payloads.take(b.id())).isSameAs(b);
        assertThat(payloads.take(c.id())).isSameAs(c);
    }

    @Test
    void oneThatComesAgainCountsOnce() {
        payloads.put(a, 500);
        payloads.put(a, 500);
        payloads.put(b, 500);
        assertThat(payloads.take(a.id())).isSameAs(a);
        assertThat(payloads.take(b.id())).isSameAs(b);
    }

    @Test
    void oneThatIsTooLargeIsNotKept() {
        payloads.put(a, 1501);
        assertThat(payloads.take(a.id())).isNull();
        payloads.put(b, 1500);
        assertThat(payloads.take(b.id())).isSameAs(b);
    }
}
