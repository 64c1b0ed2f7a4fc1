package dev.taskqueue.operator.intake;

import dev.taskqueue.operator.cache.FinishedObjects;
import dev.taskqueue.operator.cache.SpecCache;
import dev.taskqueue.operator.cache.TaskEffect;
import dev.taskqueue.operator.cache.TaskEffectHandler;
import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.engine.Delivery;
import dev.taskqueue.operator.engine.Engine;
import dev.taskqueue.operator.engine.Offer;
import dev.taskqueue.operator.status.Redriver;
import dev.taskqueue.operator.task.TaskObject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;

/** Performs the effects of a message to a Task: in the engine, among the finished Tasks, and in the redriver. Runs under the record's monitor. */
public final class TaskActions implements TaskEffectHandler<TaskRecord> {
    /** The spec of a Task that is due within this time is kept for its attempt. */
    private static final Duration SPEC_KEPT_WITHIN = Duration.ofSeconds(1);

    private final Parts parts;
    private final InstantSource wall;
    private final NamespaceTerms terms;

    /** The parts that perform the effects. */
    public record Parts(
            Engine engine,
            TaskOffers offers,
            FinishedObjects<TaskRecord> finished,
            SpecCache specs,
            Redriver redriver) {}

    public TaskActions(Parts parts, InstantSource wall, NamespaceTerms terms) {
        this.parts = parts;
        this.wall = wall;
        this.terms = terms;
    }

    @Override
    public void handle(TaskRecord record, TaskEffect effect) {
        switch (effect) {
            case TaskEffect.Offer offer -> offer(record, offer.object());
            case TaskEffect.Cancel _ -> {
                Delivery delivery = record.release(parts.specs());
                if (delivery != null) {
                    parts.engine().cancel(delivery);
                }
            }
            case TaskEffect.Release _ -> record.release(parts.specs());
            case TaskEffect.RunNow runNow -> {
                Delivery delivery = record.delivery();
                if (delivery != null) {
                    parts.engine().runNow(delivery, runNow.attempts());
                }
            }
            case TaskEffect.Retain retain -> {
                Instant at = retain.at() == null ? wall.instant() : retain.at();
                record.retain(parts.finished().add(record, retain.success(), at));
            }
            case TaskEffect.Unretain _ -> {
                parts.finished().remove(Objects.requireNonNull(record.retained()));
                record.retain(null);
            }
            case TaskEffect.Reclassify _ -> parts.finished().refile(Objects.requireNonNull(record.retained()));
            case TaskEffect.StartRedrive _ -> parts.redriver().start(record);
        }
    }

    private void offer(TaskRecord record, TaskObject object) {
        Offer offer = parts.offers().of(object);
        boolean soon = !offer.dueAt().isAfter(wall.instant().plus(SPEC_KEPT_WITHIN));
        // A standby sends nothing, so it keeps no specs.
        if (soon && offer.end() == null && terms.leads(record.id.namespace())) {
            record.keepSpec(parts.specs().hold(object));
        }
        record.setDelivery(parts.engine().offer(offer));
    }
}
