package dev.taskqueue.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.domain.DeliveryId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.engine.Dispatcher;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A new leader's first dispatches. What its predecessor wrote last may still be under way in the watch: until it has told all of that, each
 * Task is read from the API server itself before it is prepared, and one that has changed is taken in anew instead of being sent.
 */
final class CatchingUp implements Dispatcher {
    private final Dispatcher dispatcher;
    private final ApiServer api;
    private final BooleanSupplier caughtUp;
    private final Predicate<JsonNode> known;

    /**
     * Stands before another one.
     *
     * @param caughtUp whether the watch has told all that was written before this process led
     * @param known whether an object is as it is known; if not, it has been taken in by then
     */
    CatchingUp(Dispatcher dispatcher, ApiServer api, BooleanSupplier caughtUp, Predicate<JsonNode> known) {
        this.dispatcher = dispatcher;
        this.api = api;
        this.caughtUp = caughtUp;
        this.known = known;
    }

    @Override
    public Preparation prepare(DeliveryId delivery, QueueId queue) {
        return whereKnown(delivery, () -> dispatcher.prepare(delivery, queue));
    }

    @Override
    public Preparation fetch(DeliveryId delivery, QueueId queue) {
        return whereKnown(delivery, () -> dispatcher.fetch(delivery, queue));
    }

    private Preparation whereKnown(DeliveryId delivery, Supplier<Preparation> preparation) {
        if (caughtUp.getAsBoolean()) {
            return preparation.get();
        }
        return Lookup.prepare(
                delivery.task(),
                api::look,
                found -> known.test(found.json()) ? preparation.get() : new Preparation.Gone());
    }
}
