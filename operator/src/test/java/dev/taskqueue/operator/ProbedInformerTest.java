package dev.taskqueue.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.WatchState;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class ProbedInformerTest {
    @Test
    void anInformerThatLosesItsWatchWhileItIsAskedHasNone() {
        ProbedInformer informer = informer(
                () -> {
                    // Reflector.isWatching does this if the informer is stopped meanwhile.
                    throw new NullPointerException();
                },
                403);
        informer.checkRefusal();
        informer.checkRefusal();
        assertThat(informer.refusal()).map(WatchState.Refusal::code).contains(403);
    }

    @Test
    void theApiServerIsNotAskedWhileAWatchIsOpen() {
        ProbedInformer informer = informer(() -> true, 403);
        informer.checkRefusal();
        informer.checkRefusal();
        assertThat(informer.refusal()).isEmpty();
        assertThat(informer.failure()).isEqualTo(Optional.empty());
    }

    private static ProbedInformer informer(BooleanSupplier watching, int answer) {
        return new ProbedInformer(ProbedInformer.Kind.QUEUES, "shop", () -> true, watching, path -> answer);
    }
}
