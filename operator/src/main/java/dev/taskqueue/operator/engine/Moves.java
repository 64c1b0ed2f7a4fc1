package dev.taskqueue.operator.engine;

import java.util.ArrayList;
import java.util.List;

/** What a lane has decided under its lock, for the engine to do without it: each delivery below has its new place already. */
final class Moves {
    final List<Delivery> toPrepare = new ArrayList<>();
    final List<Delivery> toSend = new ArrayList<>();
    final List<Delivery> toInterrupt = new ArrayList<>();
    final List<Delivery> toEnd = new ArrayList<>();
}
