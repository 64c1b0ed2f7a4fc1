package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkersTest {
    private final Deque<Runnable> threads = new ArrayDeque<>();
    private final Workers workers = new Workers(threads::add, 2);
    private final List<String> done = new ArrayList<>();

    @Test
    void aFewRunAtATimeAndTheOthersFollowInOrder() {
        for (String name : List.of("a", "b", "c", "d")) {
            workers.execute(() -> done.add(name));
        }
        assertThat(threads).hasSize(2);
        assertThat(done).isEmpty();
        threads.removeFirst().run();
        assertThat(done).containsExactly("a", "b", "c", "d");
        threads.removeFirst().run();
        workers.execute(() -> done.add("e"));
        workers.execute(() -> done.add("f"));
        assertThat(threads).hasSize(2);
        threads.forEach(Runnable::run);
        assertThat(done).endsWith("e", "f").hasSize(6);
    }

    @Test
    void whatFailsTakesNoPlaceAway() {
        workers.execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        workers.execute(() -> done.add("a"));
        workers.execute(() -> done.add("b"));
        assertThat(workers.idle()).isZero();
        threads.forEach(Runnable::run);
        assertThat(done).containsExactly("a", "b");
        assertThat(workers.idle()).isEqualTo(2);
    }
}
