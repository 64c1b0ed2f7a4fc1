package dev.taskqueue.operator.batch;

import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the API server has refused to create at the end of a batch. The message of the end tells it. Whoever guards the progress of the batch guards it,
 * too.
 */
public final class EndRefusals {
    private @Nullable String deadLetters;
    private @Nullable String report;

    /** There are no dead letters of some items. The first reason stays. */
    public void refuseDeadLetters(String queue, String why) {
        if (deadLetters == null) {
            deadLetters = MessageText.cut("Items have no dead letters in TaskQueue " + queue + ": " + why + ".");
        }
    }

    /** What {@link #refuseDeadLetters} has noted, as status keeps it until the end; null if nothing was refused. */
    @Nullable String deadLetters() {
        return deadLetters;
    }

    /** A process before this one was refused. */
    void readDeadLetters(@Nullable String message) {
        deadLetters = message;
    }

    /** There is no Task for {@code onFinished} in this round. */
    public void refuseReport(String why) {
        report = "There is no Task for onFinished: " + why + ".";
    }

    public boolean isReportRefused() {
        return report != null;
    }

    /** What another process has not written down. */
    public void addAll(EndRefusals others) {
        deadLetters = deadLetters == null ? others.deadLetters : deadLetters;
        report = report == null ? others.report : report;
    }

    /** Another round begins. */
    void clear() {
        deadLetters = null;
        report = null;
    }

    /** The message with a sentence for each refusal. */
    String appendTo(String message) {
        String refusals =
                Stream.of(deadLetters, report).filter(Objects::nonNull).collect(Collectors.joining(" "));
        return refusals.isEmpty() ? message : message + (message.endsWith(".") ? " " : ". ") + refusals;
    }
}
