package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.domain.WatchState;
import java.util.Optional;

/** Whether a follower has seen everything. The simulated API server refuses no kind for long, so it has no refusals to report. */
record FollowerState(ObjectFollower follower, String namespace, String resource) implements WatchState {
    @Override
    public boolean isSynced() {
        return follower.isSynced();
    }

    @Override
    public Optional<Refusal> refusal() {
        return Optional.empty();
    }

    @Override
    public Optional<String> failure() {
        return Optional.empty();
    }
}
