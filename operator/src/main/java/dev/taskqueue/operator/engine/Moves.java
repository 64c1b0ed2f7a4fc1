package dev.taskqueue.operator.engine;

import dev.taskqueue.operator.domain.Ending;
import java.util.ArrayList;
import java.util.List;

/** What a lane has decided under its lock, for the engine to do without it: each delivery below has its new place already. */
final class Moves {
    final List<Delivery> toPrepare = new ArrayList<>();
    final List<Delivery> toSend = new ArrayList<>();
    final List<Delivery> toInterrupt = new ArrayList<>();
    final List<End> toEnd = new ArrayList<>();

    /** Ends without another attempt. */
    record End(Delivery delivery, Ending ending) {}
}
