package dev.taskqueue.operator.plan;

import java.util.Locale;

/**
 * Something to know before the manifest is applied.
 *
 * @param name stable, so that it can be searched for
 * @param sentence names the field and says what to change
 */
record Finding(Weight weight, String name, String sentence) {
    enum Weight {
        /** The API server or the operator refuses it. */
        ERROR,
        /** Probably not what is meant. */
        WARNING,
        /** As it says, but easily overlooked. */
        NOTE
    }

    static Finding error(String name, String sentence) {
        return new Finding(Weight.ERROR, name, sentence);
    }

    static Finding warning(String name, String sentence) {
        return new Finding(Weight.WARNING, name, sentence);
    }

    static Finding note(String name, String sentence) {
        return new Finding(Weight.NOTE, name, sentence);
    }

    boolean isError() {
        return weight == Weight.ERROR;
    }

    @Override
    public String toString() {
        return weight.name().toLowerCase(Locale.ROOT) + " " + name + ": " + sentence;
    }
}
