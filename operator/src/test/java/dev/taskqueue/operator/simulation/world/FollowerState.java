package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.domain.WatchState;
import java.util.Optional;

/** Whether a follower has seen everything. A list that is refused again and again is a refusal. */
record FollowerState(ObjectFollower follower, String namespace, String resource) implements WatchState {
    @Override
    public boolean isSynced() {
        return follower.isSynced();
    }

    @Override
    public Optional<Refusal> refusal() {
        return follower.refused() == 0
                ? Optional.empty()
                : Optional.of(new Refusal("list", resource, follower.refused()));
    }

    @Override
    public Optional<String> failure() {
        return Optional.empty();
    }
}
