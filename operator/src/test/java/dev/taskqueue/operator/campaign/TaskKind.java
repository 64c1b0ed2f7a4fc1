package dev.taskqueue.operator.campaign;

import static dev.taskqueue.operator.campaign.CampaignQueue.*;

import dev.taskqueue.operator.testing.RecordingWorker.Answer;
import dev.taskqueue.operator.testing.RecordingWorker.Received;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** The kinds of Tasks: where they go, what is special about them, and how a worker answers. */
enum TaskKind {
    OK(16, FAST),
    LIMITED_RATE(10, RATE),
    LIMITED_CONCURRENCY(4, TWO),
    SLOW_ANSWER(4, SLOW),
    LONG_ANSWER(2, LONG),
    FAILS_ONCE(7, RETRIES),
    FAILS_THRICE(4, RETRIES),
    FAILS_FOR_GOOD(3, FAILS),
    DEAD_LETTER(6, LETTERS),
    NOT_FOUND(3, REFUSES),
    HANGS_ONCE(3, HANGS),
    CUTS_ONCE(3, RETRIES),
    SCHEDULED(8, FAST),
    DELAYED(6, FAST),
    EXPIRED(3, EXPIRES),
    IN_TIME(2, FAST),
    FORGOTTEN(6, VANISH),
    WITH_TOKEN(4, FAST),
    FROM_SECRET(4, FAST),
    LARGE(3, FAST),
    TRACKED(4, VANISH),
    REDRIVEN(3, FAILS),
    RUN_NOW(2, FAST),
    PURGED_LATER(2, PURGED),
    CANCELLED(2, FAST),
    PAUSED_SOMETIMES(5, PAUSED);

    private static final int OKAY = 200;

    final int weight;
    final CampaignQueue queue;

    TaskKind(int weight, CampaignQueue queue) {
        this.weight = weight;
        this.queue = queue;
    }

    /** The kind of the Task that a request belongs to. Dead letters keep the path. */
    static TaskKind of(Received request) {
        return valueOf(request.line().split("[ ?]", -1)[1].substring(1));
    }

    /** A Task of this kind, YAML. */
    String manifest(String name, Instant now, RandomGenerator random) {
        String annotations =
                this == TRACKED ? ", annotations: {kubectl.kubernetes.io/last-applied-configuration: '{}'}" : "";
        return """
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata: {name: %s%s}
                spec: {queueRef: {name: %s}, %shttpRequest: {serviceRef: {name: worker}, path: /%s%s}}
                """.formatted(name, annotations, queue.queue(), spec(now, random), name(), request());
    }

    private String spec(Instant now, RandomGenerator random) {
        Instant second = now.truncatedTo(ChronoUnit.SECONDS);
        return switch (this) {
            case SCHEDULED -> "scheduleTime: '%s', ".formatted(second.plusSeconds(random.nextInt(3, 15)));
            case DELAYED -> "delay: %ds, ".formatted(random.nextInt(2, 9));
            case EXPIRED -> "expireTime: '%s', ".formatted(second.plusSeconds(random.nextInt(5, 12)));
            case IN_TIME -> "expireTime: '%s', ".formatted(second.plusSeconds(1800));
            case RUN_NOW -> "scheduleTime: '%s', ".formatted(second.plusSeconds(7200));
            case CANCELLED -> "scheduleTime: '%s', ".formatted(second.plusSeconds(random.nextInt(2, 5)));
            default -> "";
        };
    }

    private String request() {
        return switch (this) {
            case WITH_TOKEN -> ", serviceAccountToken: {serviceAccountName: caller}";
            case FROM_SECRET -> ", bodyFrom: {secretKeyRef: {name: sources, key: body}}";
            case LARGE -> ", headers: {X-Size: large}, body: " + "x".repeat(20_000);
            default -> "";
        };
    }

    /** How the worker answers this attempt. */
    Answer answer(Received request, boolean redriven) throws InterruptedException {
        if (!request.header("TaskQueue-DeadLetter-Task").isEmpty()) {
            return Answer.of(OKAY);
        }
        int attempt = request.attempt();
        return switch (this) {
            case LIMITED_CONCURRENCY -> after(200);
            case SLOW_ANSWER -> after(3000);
            case LONG_ANSWER -> after(8000);
            case FAILS_ONCE -> Answer.of(attempt == 1 ? 500 : OKAY);
            case FAILS_THRICE -> Answer.of(attempt <= 3 ? 503 : OKAY);
            case FAILS_FOR_GOOD, DEAD_LETTER, EXPIRED -> Answer.of(500);
            case NOT_FOUND -> Answer.of(404);
            case HANGS_ONCE -> attempt == 1 ? Answer.never() : Answer.of(OKAY);
            case CUTS_ONCE -> attempt == 1 ? Answer.cut() : Answer.of(OKAY);
            case REDRIVEN -> Answer.of(redriven ? OKAY : 500);
            default -> Answer.of(OKAY);
        };
    }

    private static Answer after(long millis) throws InterruptedException {
        Thread.sleep(millis);
        return Answer.of(OKAY);
    }

    /** The beginning of the names of these Tasks. */
    String prefix() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-') + "-";
    }
}
