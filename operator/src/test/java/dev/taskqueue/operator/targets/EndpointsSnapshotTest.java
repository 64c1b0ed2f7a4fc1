package dev.taskqueue.operator.targets;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests when connections that were opened before are not used again. */
final class EndpointsSnapshotTest {
    private static final EndpointSliceSnapshot ONE = slice(8080, "192.0.2.1");
    private static final EndpointSliceSnapshot TWO = slice(8080, "192.0.2.1", "192.0.2.2");

    private final AtomicLong versions = new AtomicLong(40);

    @Test
    void anEndpointThatGoesChangesTheVersionAndOneThatComesDoesNot() {
        EndpointsSnapshot first = with(EndpointsSnapshot.NONE, "a", ONE);
        EndpointsSnapshot more = with(first, "a", TWO);
        assertThat(more.version()).isEqualTo(first.version());
        assertThat(with(more, "b", slice(8080, "192.0.2.3")).version()).isEqualTo(first.version());
        assertThat(with(more, "a", ONE).version()).isGreaterThan(first.version());
        assertThat(with(more, "a", null).version()).isGreaterThan(first.version());
    }

    @Test
    void anotherTargetPortChangesTheVersion() {
        EndpointsSnapshot first = with(EndpointsSnapshot.NONE, "a", ONE);
        assertThat(with(first, "a", slice(9090, "192.0.2.1")).version()).isGreaterThan(first.version());
    }

    @Test
    void aSliceThatComesBackHasAnotherVersionThanBefore() {
        EndpointsSnapshot first = with(EndpointsSnapshot.NONE, "a", ONE);
        assertThat(with(EndpointsSnapshot.NONE, "a", ONE).version()).isGreaterThan(first.version());
    }

    @Test
    void aSliceWithoutReadyEndpointsHasNothingToLose() {
        EndpointsSnapshot first = with(EndpointsSnapshot.NONE, "a", slice(8080));
        assertThat(with(first, "a", slice(9090)).version()).isEqualTo(first.version());
        assertThat(with(first, "a", null).version()).isEqualTo(first.version());
    }

    private EndpointsSnapshot with(EndpointsSnapshot before, String name, @Nullable EndpointSliceSnapshot slice) {
        return before.with(name, slice, versions::incrementAndGet);
    }

    private static EndpointSliceSnapshot slice(int port, String... ready) {
        return EndpointSliceSnapshot.of(
                ready.length == 0
                        ? TestingServices.slice("http", port, false, "192.0.2.9")
                        : TestingServices.slice("http", port, ready));
    }
}
