package dev.taskqueue.operator.kube;

import java.io.IOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes Tasks, a few at a time, and each only as the very object in the very version that is known. Deletes take no {@link WriteSlots}: they
 * have bounds of their own, and no outcome waits behind them.
 */
final class Deleter {
    private static final Logger LOG = LoggerFactory.getLogger(Deleter.class);
    private static final int WORKERS = 4;

    private final Cluster cluster;
    private final Source source;
    private final Workers workers;

    /** What is to be deleted. Asked and told on the workers' threads. */
    interface Source {
        /** The next one; null where there is none for now. */
        @Nullable TaskRecord next();

        /** Whether it is to be deleted still. Asked once its version is taken: what it becomes later has another one. */
        boolean isStillDue(TaskRecord record);

        /** It is still there: changed meanwhile, so that it is to be looked at again, or the API server could not delete it. */
        void kept(TaskRecord record);
    }

    Deleter(Cluster cluster, Source source, Executor threads) {
        this.cluster = cluster;
        this.source = source;
        this.workers = new Workers(threads, WORKERS);
    }

    /** To be called about every second while there is something to delete: that is also the pause after a failure. */
    void start(int waiting) {
        for (int more = Math.min(workers.idle(), waiting); more > 0; more--) {
            workers.execute(this::work);
        }
    }

    private void work() {
        boolean goesOn = true;
        while (goesOn) {
            TaskRecord next = cluster.fence().isOpen() ? source.next() : null;
            goesOn = next != null && delete(next);
        }
    }

    /** Returns false where the API server is better left alone for a moment. */
    private boolean delete(TaskRecord record) {
        String preconditions = preconditions(record);
        if (!source.isStillDue(record)) {
            return true;
        }
        try {
            ApiServer.Reply reply = cluster.api().delete(record.id, preconditions);
            if (reply.isSuccess() || reply.code() == 404) {
                return true;
            }
            source.kept(record);
            if (reply.code() == 409) {
                // The watch brings the version that will do.
                return true;
            }
            LOG.warn("Task {} is not deleted yet: {}", record.id, reply.refusal());
        } catch (IOException failure) {
            source.kept(record);
            LOG.warn("Task {} is not deleted yet: {}", record.id, failure.toString());
        }
        return false;
    }

    /** Only this very object in this very version: not one created anew under its name, nor one that somebody has just changed. */
    static String preconditions(TaskRecord record) {
        return """
                {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background",\
                "preconditions":{"uid":"%s","resourceVersion":"%d"}}\
                """.formatted(record.id.uid(), record.resourceVersion());
    }
}
