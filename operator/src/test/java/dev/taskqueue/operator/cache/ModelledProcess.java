package dev.taskqueue.operator.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.cache.RecordState.Phase;
import dev.taskqueue.operator.task.RedriveRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The operator's process in a {@link TaskLifeModel}. Its knowledge of the Task is a real {@link RecordState}, which {@link TaskTransitions} changes.
 * Engine, finished Tasks and redrivers are simulated. After each message it checks everything that must always hold.
 */
final class ModelledProcess {
    RecordState state = RecordState.UNSEEN;
    /** The delivery whose handle is in the record. */
    @Nullable Integer handle;

    final Map<Integer, ModelLane> lanes = new HashMap<>();
    final List<Redriver> redrivers = new ArrayList<>();
    private boolean retained;

    /** A thread that starts the Task again. */
    record Redriver(
            RedriveRequest request, int round, @Nullable ModelledTask read, boolean done) {}

    ModelledProcess() {}

    ModelledProcess(ModelledProcess other) {
        state = other.state;
        handle = other.handle;
        retained = other.retained;
        lanes.putAll(other.lanes);
        redrivers.addAll(other.redrivers);
    }

    Object key() {
        return Arrays.asList(state, handle, retained, lanes, redrivers);
    }

    void receive(TaskMessage message) {
        long before = state.version();
        TaskTransitions.Transition next = TaskTransitions.apply(state, message);
        state = next.state();
        next.effects().forEach(this::perform);
        assertThat(state.version()).as("the known version").isGreaterThanOrEqualTo(before);
        assertThat(handle != null)
                .as("an open Task has a delivery")
                .isEqualTo(state.phase().isDelivered());
        assertThat(retained)
                .as("a finished Task is retained, and no other")
                .isEqualTo(state.phase() instanceof Phase.Finished);
        if (handle != null) {
            assertThat(Objects.requireNonNull(lanes.get(handle)).round())
                    .isEqualTo(state.phase().round());
        }
    }

    private void perform(TaskEffect effect) {
        switch (effect) {
            case TaskEffect.Offer offer -> {
                assertThat(handle).as("one delivery at a time").isNull();
                handle = lanes.size();
                lanes.put(handle, ModelLane.of(handle, offer.object()));
            }
            case TaskEffect.Cancel _ -> {
                lanes.compute(Objects.requireNonNull(handle), (of, lane) -> lane.cancelled());
                handle = null;
            }
            case TaskEffect.Release _ -> {
                assertThat(handle).isNotNull();
                handle = null;
            }
            case TaskEffect.RunNow runNow ->
                lanes.compute(Objects.requireNonNull(handle), (of, lane) -> lane.expedited(runNow.attempts()));
            case TaskEffect.Retain _ -> {
                assertThat(retained).as("retained once").isFalse();
                retained = true;
            }
            case TaskEffect.Unretain _ -> {
                assertThat(retained).isTrue();
                retained = false;
            }
            case TaskEffect.Reclassify _ -> {}
            case TaskEffect.StartRedrive ask ->
                redrivers.add(new Redriver(ask.request(), state.phase().round(), null, false));
        }
    }
}
