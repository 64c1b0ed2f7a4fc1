package dev.taskqueue.operator.write;

import dev.taskqueue.operator.cache.TaskRecord;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Clocks;
import dev.taskqueue.operator.kube.Backoff;
import dev.taskqueue.operator.kube.WriteAnswer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The retry policy of all writes: pauses that grow from 50 ms to 5 s, and how long a 403 may pass. It keeps one {@link WriteFailures} for each
 * kind of write and namespace that fails, so that one line in the log speaks for all that wait.
 */
public final class WriteRetries {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    /** However long the API server asks us to stay away. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    /** A 403 that has lasted for so long does not come from a starting API server. */
    private static final Duration LASTING = Duration.ofSeconds(30);

    private final Clocks clock;
    private final Backoff.Sleeper sleeper;
    private final WriteListener listener;
    private final Map<Where, WriteFailures> troubles = new ConcurrentHashMap<>();

    private record Where(WriteKind kind, String namespace) {}

    public WriteRetries(Clocks clock, Backoff.Sleeper sleeper, WriteListener listener) {
        this.clock = clock;
        this.sleeper = sleeper;
        this.listener = listener;
    }

    /** Begins one write; close the series at its end. */
    Series begin(WriteKind kind, TaskRecord record) {
        return new Series(kind, record);
    }

    /** One of the outcomes of a queue whose write is refused for good; empty where there is none. */
    public Optional<WriteFailures.Refusal> refusedOutcome(QueueId queue) {
        var found = new AtomicReference<Optional<WriteFailures.Refusal>>(Optional.empty());
        troubles.computeIfPresent(new Where(WriteKind.OUTCOME, queue.namespace()), (where, trouble) -> {
            found.setPlain(trouble.refusal(queue));
            return trouble;
        });
        return found.getPlain();
    }

    /** To be called about every second: what is over is said and forgotten. */
    public void tick(Predicate<TaskId> exists) {
        long now = nanos();
        troubles.keySet()
                .forEach(where -> troubles.computeIfPresent(
                        where, (same, trouble) -> trouble.isOver(exists, now) ? null : trouble));
    }

    /** By the monotonic clock. */
    public long nanos() {
        return clock.monotonic().getAsLong();
    }

    /** The tries of one write, on one thread. */
    final class Series implements AutoCloseable {
        private final Where where;
        private final TaskRecord record;
        private @Nullable Backoff backoff;
        private int conflicts;
        private boolean waits;

        private Series(WriteKind kind, TaskRecord record) {
            this.where = new Where(kind, record.id.namespace());
            this.record = record;
        }

        /** What an answer means for this write. {@link WriteResult.RetryLater} = try again after {@link #pause}. */
        WriteResult judge(WriteAnswer answer) {
            listener.answered(where.kind().label, result(answer));
            return switch (answer) {
                case WriteAnswer.Done _ -> {
                    ifPresent(trouble -> {
                        trouble.settled(record.id);
                        trouble.permitted();
                    });
                    yield WriteResult.WRITTEN;
                }
                case WriteAnswer.NotFound _ -> {
                    ifPresent(trouble -> trouble.settled(record.id));
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
            };
        }

        private static String result(WriteAnswer answer) {
            return switch (answer) {
                case WriteAnswer.Done _ -> "written";
                case WriteAnswer.NotFound _ -> "gone";
                case WriteAnswer.Conflict _ -> "conflict";
                case WriteAnswer.RetryLater _, WriteAnswer.Lost _ -> "failed";
                case WriteAnswer.Forbidden _ -> "forbidden";
                case WriteAnswer.Rejected _ -> "refused";
            };
        }

        private WriteResult forbidden(String why) {
            var lasts = new Duration[1];
            always(trouble -> lasts[0] = trouble.forbidden(nanos()));
            return lasts[0].compareTo(where.kind().forbiddenPasses) >= 0
                    ? refuse(why, lasts[0].compareTo(LASTING) >= 0)
                    : new WriteResult.RetryLater(why, Duration.ZERO);
        }

        private WriteResult refuse(String why, boolean lasting) {
            always(trouble -> {
                if (where.kind().comesAgain()) {
                    trouble.refused(new WriteFailures.Refusal(record.id, record.queue, why));
                }
                trouble.failed(record.id, why, nanos());
            });
            return new WriteResult.Refused(why, lasting);
        }

        /**
         * Waits until the next try, after the first conflict not at all.
         *
         * @return false where the thread is asked to end
         */
        boolean pause(String why, Duration atLeast) {
            if (conflicts == 1 && backoff == null) {
                backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
                return true;
            }
            always(trouble -> {
                if (!waits) {
                    trouble.waits();
                    waits = true;
                }
                trouble.failed(record.id, why, nanos());
            });
            if (backoff == null) {
                backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
            }
            return backoff.rest(atLeast.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : atLeast, sleeper);
        }

        /** For a write that comes again by itself. */
        void failed(String why) {
            always(trouble -> trouble.failed(record.id, why, nanos()));
        }

        private void always(Consumer<WriteFailures> change) {
            troubles.compute(where, (same, known) -> {
                WriteFailures trouble = known == null
                        ? new WriteFailures(
                                where.kind(), where.namespace(), clock.wall().instant())
                        : known;
                change.accept(trouble);
                return trouble;
            });
        }

        private void ifPresent(Consumer<WriteFailures> change) {
            troubles.computeIfPresent(where, (same, trouble) -> {
                change.accept(trouble);
                return trouble;
            });
        }

        @Override
        public void close() {
            if (waits) {
                ifPresent(WriteFailures::waitsNoMore);
            }
        }
    }
}
