package dev.taskqueue.operator;

import dev.taskqueue.operator.domain.Backoff;
import dev.taskqueue.operator.domain.Sleeper;
import dev.taskqueue.operator.lease.LeaderCallbacks;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over from the former leader once this process is elected. Each namespace is taken over on its own thread, so that a slow or refusing
 * namespace delays no other. This process leads in a namespace from the moment that it is taken over.
 */
final class TakeOver implements LeaderCallbacks {
    private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final ServedNamespaces namespaces;
    private final QueueTakeOver queues;
    private final TaskFeed feed;
    private final Consumer<String> resumed;
    private final Runnable lost;
    private final IntConsumer leaseSeen;
    private final Sleeper sleeper;

    /**
     * Makes the callbacks of an election.
     *
     * @param resumed called with each namespace in which this process leads from now on, or again; empty = in all
     * @param lost called when another process may lead
     * @param leaseSeen called with the number of the Lease's transitions
     */
    TakeOver(
            ServedNamespaces namespaces,
            QueueTakeOver queues,
            TaskFeed feed,
            Consumer<String> resumed,
            Runnable lost,
            IntConsumer leaseSeen,
            Sleeper sleeper) {
        this.namespaces = namespaces;
        this.queues = queues;
        this.feed = feed;
        this.resumed = resumed;
        this.lost = lost;
        this.leaseSeen = leaseSeen;
        this.sleeper = sleeper;
    }

    @Override
    public boolean isReady() {
        return namespaces.isSynced();
    }

    @Override
    public void onElected(Runnable tookOver) {
        namespaces
                .all()
                .forEach(namespace ->
                        Thread.ofVirtual().name("take-over " + namespace).start(() -> takeOver(namespace, tookOver)));
    }

    private void takeOver(String namespace, Runnable tookOver) {
        var backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        String lastFailure = "";
        try {
            while (true) {
                try {
                    queues.takeOver(namespace);
                    feed.takeOver(namespace);
                    tookOver.run();
                    if (namespaces.tookOver(namespace)) {
                        resumed.accept(namespace);
                    }
                    LOG.info("Leading {}", namespace.isEmpty() ? "in all namespaces" : "in namespace " + namespace);
                    return;
                } catch (IOException | RuntimeException failure) {
                    String text = text(failure);
                    if (!lastFailure.equals(text)) {
                        lastFailure = text;
                        LOG.warn(
                                "What the former leader left in {} is not known yet: {}",
                                where(namespace),
                                lastFailure);
                    }
                }
                sleeper.sleep(backoff.next());
            }
        } catch (InterruptedException end) {
            LOG.debug("Nothing is taken over any more");
        }
    }

    /** The message of an exception of our own is a whole clause. */
    private static String text(Exception failure) {
        String message = failure.getMessage();
        return failure instanceof IOException && message != null ? message : failure.toString();
    }

    private static String where(String namespace) {
        return namespace.isEmpty() ? "the cluster" : "namespace " + namespace;
    }

    @Override
    public void onStartedLeading() {
        namespaces.all().stream().filter(namespaces::isLed).forEach(resumed);
    }

    @Override
    public void onRenewed() {
        feed.wake();
    }

    @Override
    public void onObserved(int transitions) {
        leaseSeen.accept(transitions);
    }

    @Override
    public void onStoppedLeading() {
        lost.run();
    }
}
