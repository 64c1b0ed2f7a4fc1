package dev.taskqueue.operator.cache;

import java.util.List;

/**
 * The events that may happen to one Task.
 *
 * @param outcomes how each attempt ends, by its number: {@code BackingOff}, {@code Failed} or {@code Succeeded}
 * @param deeds what people do, in this order, each at any time
 * @param lostAnswers whether a write may be stored although its answer is lost
 * @param tellings whether waiting status is written once
 */
record TaskLifeScript(List<String> outcomes, List<Deed> deeds, boolean lostAnswers, boolean tellings) {
    enum Deed {
        RUN_NOW,
        REDRIVE,
        REDRIVE_BY_QUEUE,
        /** A change that has no meaning for the operator. */
        EDIT,
        DELETE
    }
}
