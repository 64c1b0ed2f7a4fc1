package dev.taskqueue.operator.cache;

import java.util.List;

/**
 * What may happen to one Task.
 *
 * @param outcomes how each attempt ends, by its number: {@code BackingOff}, {@code Failed} or {@code Succeeded}
 * @param deeds what people do, in this order, each at any time
 * @param lostAnswers whether a write may be in although its answer is lost
 * @param tellings whether it is written once where the Task stands
 */
record TaskLifeScript(List<String> outcomes, List<Deed> deeds, boolean lostAnswers, boolean tellings) {
    enum Deed {
        RUN_NOW,
        REDRIVE,
        REDRIVE_BY_QUEUE,
        /** Anything that means nothing to the operator. */
        EDIT,
        DELETE
    }
}
