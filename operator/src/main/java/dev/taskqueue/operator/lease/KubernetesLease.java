package dev.taskqueue.operator.lease;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The Lease on the API server, by a client of its own: impatient, and repeating nothing by itself, so that a renewal never waits behind another
 * one that is lost, nor behind the status writes.
 */
final class KubernetesLease implements LeaseStore {
    private static final Duration LEAST_TIMEOUT = Duration.ofSeconds(1);
    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;

    private final KubernetesClient client;
    private final LeaseTerms terms;
    /** What others have written beside the spec, labels for example, is kept. */
    private volatile @Nullable ObjectMeta metadata;

    KubernetesLease(Config cluster, LeaseTerms terms) {
        this.terms = terms;
        int timeout = (int) Math.max(terms.period().toMillis(), LEAST_TIMEOUT.toMillis());
        this.client = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(cluster)
                        .withRequestTimeout(timeout)
                        .withConnectionTimeout(timeout)
                        .withRequestRetryBackoffLimit(0)
                        .build())
                .build();
    }

    private Resource<Lease> resource() {
        return client.leases().inNamespace(terms.namespace()).withName(terms.name());
    }

    @Override
    public Optional<LeaseRecord> read() throws Unanswered {
        try {
            return Optional.ofNullable(resource().get()).map(this::known);
        } catch (KubernetesClientException failure) {
            throw new Unanswered(why(failure));
        }
    }

    @Override
    public Receipt write(LeaseRecord next) {
        try {
            var object = client.leases().inNamespace(terms.namespace()).resource(object(next));
            return new Receipt.Written(known(next.version() == 0 ? object.create() : object.update()));
        } catch (KubernetesClientException failure) {
            // Nothing to create it in is no news of the Lease.
            boolean gone = failure.getCode() == NOT_FOUND && next.version() != 0;
            return gone || failure.getCode() == CONFLICT ? new Receipt.Refused() : new Receipt.Unclear(why(failure));
        }
    }

    @Override
    public Watch watch(Consumer<News> news) throws Unanswered {
        var following = new Following(news);
        try {
            following.watch = resource().watch(following);
            return following;
        } catch (KubernetesClientException failure) {
            throw new Unanswered(why(failure));
        }
    }

    /** Tells what a watch of Fabric8's tells; that one is taken up again by itself where it can be. */
    private final class Following implements Watcher<Lease>, Watch {
        private final Consumer<News> news;
        private volatile boolean open = true;
        private io.fabric8.kubernetes.client.@Nullable Watch watch;

        Following(Consumer<News> news) {
            this.news = news;
        }

        @Override
        public void eventReceived(Action action, Lease lease) {
            switch (action) {
                case ADDED, MODIFIED -> news.accept(new News(known(lease), false));
                case DELETED -> news.accept(new News(known(lease), true));
                case ERROR, BOOKMARK -> {}
            }
        }

        @Override
        public void onClose(WatcherException cause) {
            open = false;
        }

        @Override
        public void onClose() {
            open = false;
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            if (watch != null) {
                watch.close();
            }
        }
    }

    private LeaseRecord known(Lease lease) {
        ObjectMeta now = lease.getMetadata();
        metadata = now;
        LeaseSpec spec = Objects.requireNonNullElseGet(lease.getSpec(), LeaseSpec::new);
        return new LeaseRecord(
                Long.parseLong(now.getResourceVersion()),
                Objects.requireNonNullElse(spec.getHolderIdentity(), ""),
                Duration.ofSeconds(Objects.requireNonNullElse(spec.getLeaseDurationSeconds(), 0)),
                Objects.requireNonNullElse(spec.getLeaseTransitions(), 0),
                instant(spec.getAcquireTime()),
                instant(spec.getRenewTime()));
    }

    private Lease object(LeaseRecord next) {
        return new LeaseBuilder()
                .withMetadata(metadata(next))
                .withNewSpec()
                .withHolderIdentity(next.isFree() ? null : next.holder())
                .withLeaseDurationSeconds(
                        (int) next.duration().plusNanos(999_999_999).toSeconds())
                .withLeaseTransitions(next.transitions())
                .withAcquireTime(time(next.acquiredAt()))
                .withRenewTime(time(next.renewedAt()))
                .endSpec()
                .build();
    }

    private ObjectMeta metadata(LeaseRecord next) {
        ObjectMeta known = metadata;
        if (next.version() == 0 || known == null) {
            return new ObjectMetaBuilder().withName(terms.name()).build();
        }
        return new ObjectMetaBuilder(known)
                .withResourceVersion(Long.toString(next.version()))
                .withManagedFields()
                .build();
    }

    private static @Nullable Instant instant(@Nullable ZonedDateTime time) {
        return time == null ? null : time.toInstant();
    }

    /** To the microsecond, as the API has it. */
    private static @Nullable ZonedDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC);
    }

    private static String why(KubernetesClientException failure) {
        if (failure.getCode() > 0) {
            return "the API server answered " + failure.getCode();
        }
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return "the API server gave no answer (" + cause.getClass().getSimpleName() + ")";
    }

    @Override
    public void close() {
        client.close();
    }
}
