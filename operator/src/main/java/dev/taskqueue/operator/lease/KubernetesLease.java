package dev.taskqueue.operator.lease;

import dev.taskqueue.operator.domain.ApiAnswerText;
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
import io.fabric8.kubernetes.client.http.HttpClient;
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
 * Reads and writes the Lease on the API server. It has its own client with short timeouts and without retries, so that a renewal waits neither for a
 * lost request nor for status writes.
 */
public final class KubernetesLease implements LeaseStore {
    private static final Duration LEAST_TIMEOUT = Duration.ofSeconds(1);
    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;

    private final KubernetesClient client;
    private final LeaseTerms terms;
    /** The metadata that others have written, for example labels. A write keeps it. */
    private volatile @Nullable ObjectMeta metadata;

    /**
     * A Lease that is reached by a client of its own.
     *
     * @param cluster how to reach the API server
     * @param http makes the connections of that client
     */
    public KubernetesLease(Config cluster, LeaseTerms terms, HttpClient.Factory http) {
        this.terms = terms;
        int timeout = (int) Math.max(terms.period().toMillis(), LEAST_TIMEOUT.toMillis());
        this.client = new KubernetesClientBuilder()
                .withHttpClientFactory(http)
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
    public String name() {
        return terms.namespace() + "/" + terms.name();
    }

    @Override
    public Optional<LeaseRecord> read() throws Unanswered {
        try {
            return Optional.ofNullable(resource().get()).map(this::known);
        } catch (KubernetesClientException failure) {
            throw new Unanswered(why("get", failure));
        }
    }

    @Override
    public Receipt write(LeaseRecord next) {
        try {
            var object = client.leases().inNamespace(terms.namespace()).resource(object(next));
            return new Receipt.Written(known(next.version() == 0 ? object.create() : object.update()));
        } catch (KubernetesClientException failure) {
            // A missing namespace says nothing about the Lease.
            boolean gone = failure.getCode() == NOT_FOUND && next.version() != 0;
            String verb = next.version() == 0 ? "create" : "update";
            return gone || failure.getCode() == CONFLICT
                    ? new Receipt.Conflict()
                    : new Receipt.Unclear(why(verb, failure));
        }
    }

    @Override
    public Watch watch(Consumer<Event> events) throws Unanswered {
        var forwarder = new EventForwarder(events);
        try {
            forwarder.watch = resource().watch(forwarder);
            return forwarder;
        } catch (KubernetesClientException failure) {
            throw new Unanswered(why("watch", failure));
        }
    }

    /** Passes on the events of a Fabric8 watch, which reconnects by itself when it can. */
    private final class EventForwarder implements Watcher<Lease>, Watch {
        private final Consumer<Event> events;
        private volatile boolean open = true;
        private io.fabric8.kubernetes.client.@Nullable Watch watch;

        EventForwarder(Consumer<Event> events) {
            this.events = events;
        }

        @Override
        public void eventReceived(Action action, Lease lease) {
            switch (action) {
                case ADDED, MODIFIED -> events.accept(new Event(known(lease), false));
                case DELETED -> events.accept(new Event(known(lease), true));
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

    /** Cuts a time to the microsecond, as the API has it. */
    private static @Nullable ZonedDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.truncatedTo(ChronoUnit.MICROS).atZone(ZoneOffset.UTC);
    }

    /** Says why a request failed, and what to do if somebody has to act. */
    private String why(String verb, KubernetesClientException failure) {
        int code = failure.getCode();
        if (code <= 0) {
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            return "the API server could not be reached (" + cause.getClass().getSimpleName() + ")";
        }
        return "the API server answers " + code + " to " + verb + " of the Lease"
                + switch (code) {
                    case UNAUTHORIZED -> "; " + ApiAnswerText.unauthorized();
                    case FORBIDDEN ->
                        "; grant the operator's ServiceAccount get, watch and update on leases.coordination.k8s.io with resourceNames [%s], and create on leases, in namespace %s; the chart does so by the Role %s-lease and its binding"
                                .formatted(terms.name(), terms.namespace(), terms.name());
                    case NOT_FOUND ->
                        "; create namespace " + terms.namespace()
                                + ", or correct TASKQUEUE_LEASE_NAMESPACE (the chart sets the release's namespace)";
                    default -> "";
                };
    }

    @Override
    public void close() {
        client.close();
    }
}
