package dev.taskqueue.operator.write;

import dev.taskqueue.operator.domain.Backoff;
import dev.taskqueue.operator.domain.ObjectId;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.Sleeper;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.kube.WriteAnswer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The retry policy of all writes: the pauses grow from 50 ms to 5 s, and a 403 may pass for a while. It keeps one {@link WriteFailures} for each kind
 * of write and namespace that fails, so that one line in the log stands for all writes that wait.
 */
public final class WriteRetries {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    /** The longest pause, even if the API server asks for more. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** A 403 that has lasted this long does not come from a starting API server. */
    private static final Duration FORBIDDEN_IS_LASTING = Duration.ofSeconds(30);

    private final Clocks clock;
    private final Sleeper sleeper;
    private final WriteListener listener;
    private final Map<FailureKey, WriteFailures> failures = new ConcurrentHashMap<>();

    private record FailureKey(WriteKind kind, String namespace) {}

    public WriteRetries(Clocks clock, Sleeper sleeper, WriteListener listener) {
        this.clock = clock;
        this.sleeper = sleeper;
        this.listener = listener;
    }

    /** Begins the tries of one write. Close the series when the write ends. */
    public Series begin(WriteKind kind, ObjectId object, QueueId queue) {
        return new Series(kind, object, queue);
    }

    /** An outcome of this queue whose write is refused for good, of a Task or of items of a TaskBatch; empty if there is none. */
    public Optional<WriteFailures.Refusal> refusedOutcome(QueueId queue) {
        return refusal(WriteKind.OUTCOME, queue).or(() -> refusal(WriteKind.BATCH_STATUS, queue));
    }

    private Optional<WriteFailures.Refusal> refusal(WriteKind kind, QueueId queue) {
        var found = new AtomicReference<Optional<WriteFailures.Refusal>>(Optional.empty());
        failures.computeIfPresent(new FailureKey(kind, queue.namespace()), (where, failures) -> {
            found.setPlain(failures.refusal(queue));
            return failures;
        });
        return found.getPlain();
    }

    /** Logs and forgets the failures that have ended. Called about every second. */
    public void tick(Predicate<ObjectId> exists) {
        long now = nanos();
        failures.keySet()
                .forEach(where -> failures.computeIfPresent(
                        where, (same, failures) -> failures.endsAndLogs(exists, now) ? null : failures));
    }

    /** How a thread waits between two tries, and beside them. */
    public Sleeper sleeper() {
        return sleeper;
    }

    /** By the monotonic clock. */
    public long nanos() {
        return clock.monotonic().getAsLong();
    }

    /** The tries of one write, on one thread. */
    public final class Series implements AutoCloseable {
        private final FailureKey key;
        private final ObjectId object;
        private final QueueId queue;
        private @Nullable Backoff backoff;
        private int conflicts;
        private boolean isCounted;

        private Series(WriteKind kind, ObjectId object, QueueId queue) {
            this.key = new FailureKey(kind, object.namespace());
            this.object = object;
            this.queue = queue;
        }

        /** The result that an answer means for this write. {@link WriteResult.RetryLater} = try again after {@link #pause}. */
        public WriteResult resultOf(WriteAnswer answer) {
            listener.answered(key.kind().label, label(answer));
            return switch (answer) {
                case WriteAnswer.Done _ -> {
                    updateFailuresIfPresent(failures -> {
                        failures.removeRefusal(object);
                        failures.endForbidden();
                    });
                    yield WriteResult.WRITTEN;
                }
                case WriteAnswer.NotFound _ -> {
                    updateFailuresIfPresent(failures -> failures.removeRefusal(object));
                    yield WriteResult.NOT_NEEDED;
                }
                case WriteAnswer.Conflict _ -> {
                    conflicts++;
                    yield new WriteResult.Conflict();
                }
                case WriteAnswer.RetryLater again -> new WriteResult.RetryLater(again.why(), again.atLeast());
                case WriteAnswer.Lost lost -> new WriteResult.RetryLater(lost.why(), Duration.ZERO);
                case WriteAnswer.Forbidden forbidden -> forbidden(forbidden.why());
                case WriteAnswer.Rejected refused -> refuse(refused.why(), true);
                case WriteAnswer.Fenced _ -> WriteResult.FENCED;
            };
        }

        private static String label(WriteAnswer answer) {
            return switch (answer) {
                case WriteAnswer.Done _ -> "written";
                case WriteAnswer.NotFound _ -> "gone";
                case WriteAnswer.Conflict _ -> "conflict";
                case WriteAnswer.RetryLater _, WriteAnswer.Lost _ -> "failed";
                case WriteAnswer.Forbidden _ -> "forbidden";
                case WriteAnswer.Rejected _ -> "refused";
                case WriteAnswer.Fenced _ -> "fenced";
            };
        }

        private WriteResult forbidden(String why) {
            var lasts = new Duration[1];
            updateFailures(failures -> lasts[0] = failures.forbiddenFor(nanos()));
            return lasts[0].compareTo(key.kind().forbiddenGrace) >= 0
                    ? refuse(why, lasts[0].compareTo(FORBIDDEN_IS_LASTING) >= 0)
                    : new WriteResult.RetryLater(why, Duration.ZERO);
        }

        private WriteResult refuse(String why, boolean lasting) {
            updateFailures(failures -> {
                if (key.kind().isRepeatedAfterRefusal()) {
                    failures.addRefusal(new WriteFailures.Refusal(object, queue, why), isCounted);
                }
                failures.logFailure(object, why, nanos());
            });
            return new WriteResult.Refused(why, lasting);
        }

        /**
         * Waits until the next try. After the first conflict there is no wait.
         *
         * @return false if the thread is to end
         */
        boolean pause(String why, Duration atLeast) {
            if (conflicts == 1 && backoff == null) {
                backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
                return true;
            }
            updateFailures(failures -> {
                if (!isCounted) {
                    failures.addWaiting();
                    isCounted = true;
                }
                failures.logFailure(object, why, nanos());
            });
            if (backoff == null) {
                backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
            }
            return sleeper.rest(backoff.next(atLeast.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : atLeast));
        }

        /** Logs the failure of a write that its caller repeats. */
        public void failed(String why) {
            updateFailures(failures -> failures.logFailure(object, why, nanos()));
        }

        private void updateFailures(Consumer<WriteFailures> change) {
            failures.compute(key, (same, known) -> {
                WriteFailures failures = known == null
                        ? new WriteFailures(
                                key.kind(),
                                key.namespace(),
                                clock.wall().instant().truncatedTo(ChronoUnit.SECONDS))
                        : known;
                change.accept(failures);
                return failures;
            });
        }

        private void updateFailuresIfPresent(Consumer<WriteFailures> change) {
            failures.computeIfPresent(key, (same, failures) -> {
                change.accept(failures);
                return failures;
            });
        }

        @Override
        public void close() {
            if (isCounted) {
                updateFailuresIfPresent(WriteFailures::removeWaiting);
            }
        }
    }
}
