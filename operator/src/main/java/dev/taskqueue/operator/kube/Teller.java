package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.api.RequestSummary;
import dev.taskqueue.operator.domain.TaskId;
import dev.taskqueue.operator.engine.Standing;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells in status where a Task stands that waits longer than about a second. One telling at a time, and only while no outcome is being
 * written: what is overtaken meanwhile is never told.
 */
final class Teller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Teller.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration BUSY_PAUSE = Duration.ofMillis(20);

    private final Cluster cluster;
    private final String holder;
    private final Function<TaskId, Optional<Standing>> standing;
    private final Function<TaskRecord, Optional<RequestSummary>> requests;
    private final BlockingQueue<Note> notes = new LinkedBlockingQueue<>();
    private final Thread thread = Thread.ofPlatform().name("teller").daemon().unstarted(this::work);

    private record Note(TaskId task, long atMillis) {}

    /**
     * A teller that begins with {@link #start}.
     *
     * @param holder who claims the attempts in flight: unique to this process
     * @param standing where a Task stands at the time of asking
     * @param requests what it sends, where its own spec does not say it all
     */
    Teller(
            Cluster cluster,
            String holder,
            Function<TaskId, Optional<Standing>> standing,
            Function<TaskRecord, Optional<RequestSummary>> requests) {
        this.cluster = cluster;
        this.holder = holder;
        this.standing = standing;
        this.requests = requests;
    }

    void start() {
        thread.start();
    }

    /** A Task's standing has changed; if it lasts, it will be told. */
    void note(TaskId task) {
        if (!cluster.fence().isOpen()) {
            // Told anew when it opens; a standby has nothing to tell.
            return;
        }
        notes.add(new Note(task, cluster.wall().millis()));
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void work() {
        try {
            while (true) {
                Note note = notes.take();
                long patience =
                        note.atMillis() + PATIENCE.toMillis() - cluster.wall().millis();
                if (patience > 0) {
                    TimeUnit.MILLISECONDS.sleep(patience);
                }
                if (!isNews(note.task())) {
                    continue;
                }
                while (!cluster.slots().isIdle()) {
                    TimeUnit.NANOSECONDS.sleep(BUSY_PAUSE.toNanos());
                }
                tell(note.task());
            }
        } catch (InterruptedException end) {
            LOG.debug("No more tellings");
        }
    }

    private boolean isNews(TaskId task) {
        TaskRecord record = cluster.tasks().get(task);
        return record != null && patch(record, record.known(), null).isPresent();
    }

    /** What is known of the object comes first, and then the standing: an outcome in between makes the write a conflict. */
    private Optional<StatusPatch> patch(TaskRecord record, EntryState known, @Nullable RequestSummary request) {
        return standing.apply(record.id)
                .filter(now -> !known.isOvertaken(now))
                .flatMap(now -> StatusPatch.of(
                        now,
                        holder,
                        known.told(),
                        known.version(),
                        cluster.wall().instant(),
                        request));
    }

    /** Whether the Task's attempt in flight bears a claim of this process, or the Task is gone. Writes the claim where it does not. */
    boolean claim(TaskId task) {
        tell(task);
        TaskRecord record = cluster.tasks().get(task);
        return record == null || record.told().isClaimedBy(holder);
    }

    /** Writes where the Task stands by now, if status does not say so yet. Returns false where the write did not succeed. */
    boolean tell(TaskId task) {
        TaskRecord record = cluster.tasks().get(task);
        if (record == null || !cluster.fence().isOpen()) {
            return true;
        }
        RequestSummary request =
                record.told().request() ? null : requests.apply(record).orElse(null);
        EntryState known = record.known();
        Optional<StatusPatch> patch = patch(record, known, request);
        if (patch.isEmpty()) {
            return true;
        }
        try {
            ApiServer.Reply reply = cluster.api().patchStatus(task, patch.get().body());
            if (reply.isSuccess()) {
                long version = TaskReader.resourceVersion(TaskReader.tree(reply.body()));
                record.tell(new TaskMessage.StatusTold(
                        known.phase().round(), version, patch.get().told()));
                return true;
            }
            if (reply.code() == 409 || reply.code() == 429 || reply.code() / 100 == 5) {
                note(task);
            }
        } catch (IOException failure) {
            LOG.debug("Where Task {} stands is not told: {}", task, failure.toString());
            note(task);
        }
        return false;
    }
}
