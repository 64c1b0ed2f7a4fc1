package dev.taskqueue.operator.batch;

/**
 * How a batch ended, as its conditions say it.
 *
 * @param reason one word
 * @param message a sentence
 */
public record BatchEnd(String reason, String message) {
    /** The end of a batch whose items have all ended. */
    public static BatchEnd of(BatchProgress progress) {
        return new BatchEnd(
                BatchConditions.endReason(progress).name(), BatchConditions.told(progress, progress.stop()));
    }
}
