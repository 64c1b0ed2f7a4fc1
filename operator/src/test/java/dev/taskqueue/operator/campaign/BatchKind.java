package dev.taskqueue.operator.campaign;

import static dev.taskqueue.operator.campaign.CampaignQueue.FAILS;
import static dev.taskqueue.operator.campaign.CampaignQueue.FAST;
import static dev.taskqueue.operator.campaign.CampaignQueue.LETTERS;
import static dev.taskqueue.operator.campaign.CampaignQueue.PAUSED;
import static dev.taskqueue.operator.campaign.CampaignQueue.RATE;
import static dev.taskqueue.operator.campaign.CampaignQueue.RETRIES;
import static dev.taskqueue.operator.campaign.CampaignQueue.SLOW;
import static dev.taskqueue.operator.campaign.CampaignQueue.VANISH;

import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import java.time.Instant;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The kinds of TaskBatches: where they go, what is special about them, and how a worker answers their items. */
enum BatchKind {
    COUNTED(6, FAST),
    WITH_LINES(4, FAST),
    LIMITED_RATE(2, RATE),
    SLOW_ANSWER(2, SLOW),
    SOME_FAIL_ONCE(5, RETRIES),
    SOME_FAIL_FOR_GOOD(3, FAILS),
    SOME_ARE_LETTERS(4, LETTERS),
    GIVEN_UP(2, FAILS),
    REPORTED(4, FAST),
    FORGOTTEN(2, VANISH),
    PAUSED_SOMETIMES(2, PAUSED),
    CANCELLED(2, SLOW),
    REDRIVEN(3, FAILS),
    RUN_NOW(2, FAST);

    private static final int OKAY = 200;
    private static final int FAILED = 500;
    /** Queues that are slow on purpose get batches of this size. */
    private static final int FEW = 30;
    /** One item of so many fails where some fail. */
    private static final int FAILING = 20;

    final int weight;
    final CampaignQueue queue;

    BatchKind(int weight, CampaignQueue queue) {
        this.weight = weight;
        this.queue = queue;
    }

    /** The kind of the batch that the request of an item belongs to; null if it is the request of a Task. Dead letters keep the path. */
    static @Nullable BatchKind of(Received request) {
        String path = request.line().split("[ ?]", -1)[1];
        return path.startsWith("/batch/") ? valueOf(path.split("/", -1)[2]) : null;
    }

    /** The beginning of the names of these batches. */
    String prefix() {
        return "b-" + name().toLowerCase(Locale.ROOT).replace('_', '-') + "-";
    }

    /**
     * A batch of this kind, YAML.
     *
     * @param most how many items the largest batches have
     */
    String manifest(String name, Instant now, int most, RandomGenerator random) {
        int size = Math.min(most, queue == RATE || queue == SLOW ? FEW : most / 2 + random.nextInt(most / 2 + 1));
        return """
                apiVersion: taskqueue.dev/v1beta1
                kind: TaskBatch
                metadata: {name: %s}
                spec:
                  queueRef: {name: %s}
                  ttlAfterFinished: 120s
                  template: {httpRequest: {serviceRef: {name: worker}, path: /batch/%s}}
                  %s
                """.formatted(name, queue.queue(), name(), special(now) + items(size));
    }

    private String special(Instant now) {
        return switch (this) {
            case GIVEN_UP -> "maxFailed: 2\n  ";
            case RUN_NOW -> "scheduleTime: '" + now.plusSeconds(7200) + "'\n  ";
            // The path of a Task that is always answered with 200.
            case REPORTED, CANCELLED ->
                "onFinished: {queueRef: {name: fast}, httpRequest: {serviceRef: {name: worker}, path: /OK}}\n  ";
            default -> "";
        };
    }

    private String items(int size) {
        if (this != WITH_LINES) {
            return "count: " + size;
        }
        var lines = new StringBuilder("lines: |");
        for (int i = 0; i < size; i++) {
            lines.append("\n    {\"key\": \"k-%d\", \"path\": \"/batch/%s/%d\", \"body\": {\"order\": %d}}"
                    .formatted(i, name(), i, i));
        }
        return lines.toString();
    }

    /**
     * How the worker answers an item's attempt.
     *
     * @param redriven whether somebody has redriven the batch
     */
    Answer answer(Received request, boolean redriven) throws InterruptedException {
        if (!request.header("TaskQueue-DeadLetter-Task").isEmpty()) {
            return Answer.of(OKAY);
        }
        boolean mayFail = Integer.parseInt(request.header("TaskQueue-Batch-Index")) % FAILING == 1;
        return switch (this) {
            case SLOW_ANSWER, CANCELLED -> {
                Thread.sleep(1000);
                yield Answer.of(OKAY);
            }
            case SOME_FAIL_ONCE -> Answer.of(mayFail && request.attempt() == 1 ? 503 : OKAY);
            case SOME_FAIL_FOR_GOOD, SOME_ARE_LETTERS, GIVEN_UP -> Answer.of(mayFail ? FAILED : OKAY);
            case REDRIVEN -> Answer.of(mayFail && !redriven ? FAILED : OKAY);
            default -> Answer.of(OKAY);
        };
    }
}
