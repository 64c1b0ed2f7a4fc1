package dev.taskqueue.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.WatchState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServedNamespacesTest {
    private final List<String> served = new ArrayList<>();
    private final ServedNamespaces namespaces = new ServedNamespaces(Set.of("a", "b"), false, () -> 0);
    private final Objects tasksOfA = new Objects("a");
    private final Objects tasksOfB = new Objects("b");
    private final Objects servicesOfB = new Objects("b");

    /** Reports a watch as open or closed, as the test sets it. */
    private static final class Objects implements WatchState {
        private final String namespace;
        private boolean synced = true;
        private Optional<Refusal> refusal = Optional.empty();

        Objects(String namespace) {
            this.namespace = namespace;
        }

        void refuse(String verb) {
            refusal = Optional.of(new Refusal(verb, "things", 403));
        }

        @Override
        public String namespace() {
            return namespace;
        }

        @Override
        public boolean isSynced() {
            return synced;
        }

        @Override
        public Optional<Refusal> refusal() {
            return refusal;
        }
    }

    ServedNamespacesTest() {
        namespaces.follow("Tasks", List.of(tasksOfA, tasksOfB));
        namespaces.follow("Services", List.of(servicesOfB));
    }

    private void check() {
        served.addAll(namespaces.check());
    }

    private void tookOver(String namespace) {
        if (namespaces.tookOver(namespace)) {
            served.add(namespace);
        }
    }

    @Test
    void aNamespaceIsLedOnceItIsTakenOver() {
        assertThat(namespaces.isLed("a")).isFalse();
        tookOver("a");
        assertThat(namespaces.isLed("a")).isTrue();
        assertThat(namespaces.isLed("b")).isFalse();
        assertThat(namespaces.isLed("elsewhere")).isFalse();
        assertThat(served).containsExactly("a");
    }

    @Test
    void theRefusalThatIsReportedStaysTheSameUntilItHasEnded() {
        tasksOfB.refuse("list");
        check();
        String first = namespaces.complaints().getFirst();
        var more = new Objects("b");
        more.refuse("watch");
        namespaces.follow("A", List.of(more));
        check();
        assertThat(namespaces.complaints()).containsExactly(first);
        tasksOfB.refusal = Optional.empty();
        check();
        assertThat(namespaces.complaints().getFirst()).contains("to watch things");
    }

    @Test
    void whatRefusesIsNotServedUntilItRefusesNoMore() {
        tookOver("b");
        servicesOfB.refuse("watch");
        check();
        check();
        assertThat(namespaces.isLed("b")).isFalse();
        assertThat(namespaces.complaints())
                .singleElement()
                .asString()
                .startsWith("Namespace b is not served: the API server answers 403 to watch things; grant ")
                .contains("watch on things in namespace b", "Role");
        assertThat(namespaces.byName()).isEqualTo(Map.of("a", true, "b", false));
        servicesOfB.refusal = Optional.empty();
        check();
        assertThat(namespaces.isLed("b")).isTrue();
        assertThat(namespaces.complaints()).isEmpty();
        assertThat(served).containsExactly("b", "b");
    }

    @Test
    void whatIsTakenOverWhileItRefusesIsLedOnceItDoesNot() {
        tasksOfB.refuse("list");
        check();
        tookOver("b");
        assertThat(served).isEmpty();
        tasksOfB.refusal = Optional.empty();
        check();
        assertThat(served).containsExactly("b");
        assertThat(namespaces.isLed("b")).isTrue();
    }

    @Test
    void whatRefusesHoldsNobodyUp() {
        tasksOfB.synced = false;
        assertThat(namespaces.isSynced()).isFalse();
        assertThat(namespaces.isSynced("Tasks")).isFalse();
        assertThat(namespaces.isSynced("Services")).isTrue();
        assertThat(namespaces.isSynced("TaskQueues")).isFalse();
        tasksOfB.refuse("list");
        assertThat(namespaces.isSynced()).isTrue();
        assertThat(namespaces.isSynced("Tasks")).isTrue();
    }

    @Test
    void whereEveryNamespaceRefusesNobodyIsReady() {
        tasksOfA.refuse("list");
        assertThat(namespaces.isAnyServed()).isTrue();
        servicesOfB.refuse("list");
        assertThat(namespaces.isAnyServed()).isFalse();
        assertThat(namespaces.isSynced()).isFalse();
    }

    @Test
    void oneThatStandsForAllIsAskedForEach() {
        var all = new ServedNamespaces(Set.of(), true, () -> 0);
        assertThat(all.isLed("a")).isTrue();
        assertThat(all.all()).containsExactly("");
        assertThat(all.byName()).isEmpty();
        var objects = new Objects("");
        objects.refuse("list");
        all.follow("Tasks", List.of(objects));
        all.check();
        assertThat(all.isLed("a")).isFalse();
        assertThat(all.complaints())
                .singleElement()
                .asString()
                .startsWith("No namespace is served: the API server answers 403 to list things; grant ")
                .contains("list on things in all namespaces", "ClusterRoleBinding");
    }
}
