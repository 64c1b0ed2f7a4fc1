package dev.taskqueue.operator;

import dev.taskqueue.operator.domain.Backoff;
import dev.taskqueue.operator.kube.Sleeper;
import dev.taskqueue.operator.lease.LeaderCallbacks;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process does about the election: once elected it takes over, each namespace on a thread of its own, so that one that refuses or is
 * slow holds up no other. A namespace is led from the moment that it is taken over.
 */
final class TakeOver implements LeaderCallbacks {
    private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private final ServedNamespaces namespaces;
    private final TaskStream tasks;
    private final Leadership leadership;
    private final Opening opening;

    /** Who is told. */
    interface Opening {
        /** This process leads in the namespace from now on, or again; empty = in all. */
        void leadershipResumed(String namespace);

        /** Another process may lead. */
        void lost();
    }

    TakeOver(ServedNamespaces namespaces, TaskStream tasks, Leadership leadership, Opening opening) {
        this.namespaces = namespaces;
        this.tasks = tasks;
        this.leadership = leadership;
        this.opening = opening;
    }

    @Override
    public boolean isReady() {
        return namespaces.isSynced();
    }

    @Override
    public void onElected() {
        namespaces
                .all()
                .forEach(namespace ->
                        Thread.ofVirtual().name("take-over " + namespace).start(() -> takeOver(namespace)));
    }

    private void takeOver(String namespace) {
        var backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        String said = "";
        try {
            while (true) {
                try {
                    tasks.takeOver(namespace);
                    leadership.tookOver();
                    namespaces.tookOver(namespace);
                    LOG.info("Leading {}", namespace.isEmpty() ? "in all namespaces" : "in namespace " + namespace);
                    return;
                } catch (IOException | RuntimeException failure) {
                    if (!said.equals(failure.toString())) {
                        said = failure.toString();
                        LOG.warn("What the former leader left in {} is not known yet: {}", where(namespace), said);
                    }
                }
                Sleeper.SYSTEM.sleep(backoff.next());
            }
        } catch (InterruptedException end) {
            LOG.debug("Nothing is taken over any more");
        }
    }

    private static String where(String namespace) {
        return namespace.isEmpty() ? "the cluster" : "namespace " + namespace;
    }

    @Override
    public void onStartedLeading() {
        namespaces.all().stream().filter(namespaces::isLed).forEach(opening::leadershipResumed);
    }

    @Override
    public void onRenewed() {
        tasks.wake();
    }

    @Override
    public void onStoppedLeading() {
        opening.lost();
    }
}
