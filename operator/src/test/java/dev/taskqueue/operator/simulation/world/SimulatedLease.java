package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.kube.ApiRequest;
import dev.taskqueue.operator.kube.ApiTransport;
import dev.taskqueue.operator.lease.LeaseRecord;
import dev.taskqueue.operator.lease.LeaseStore;
import dev.taskqueue.operator.lease.LeaseTerms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The Lease of one process on the simulated API server, by the contract of {@link LeaseStore}: each request is made once, with a short timeout. */
final class SimulatedLease implements LeaseStore {
    private static final String LEASES = "apis/coordination.k8s.io/v1/namespaces/";
    private static final String JSON = "application/json";
    private static final Duration LEAST_TIMEOUT = Duration.ofSeconds(1);

    private final ApiTransport transport;
    private final ThreadFactory threads;
    private final LeaseTerms terms;
    private final Duration timeout;
    /** Of the Lease that was seen last. Without it, the update of a Lease that was deleted would create it again. */
    private volatile String uid = "";

    SimulatedLease(ApiTransport transport, ThreadFactory threads, LeaseTerms terms) {
        this.transport = transport;
        this.threads = threads;
        this.terms = terms;
        this.timeout = terms.period().compareTo(LEAST_TIMEOUT) > 0 ? terms.period() : LEAST_TIMEOUT;
    }

    @Override
    public String name() {
        return terms.namespace() + "/" + terms.name();
    }

    private String collection() {
        return LEASES + terms.namespace() + "/leases";
    }

    @Override
    public Optional<LeaseRecord> read() throws Unanswered {
        try (ApiTransport.Answer answer = send("GET", collection() + "/" + terms.name(), null)) {
            return switch (answer.code()) {
                case 200 -> Optional.of(record(Trees.read(answer.bytes())));
                case 404 -> Optional.empty();
                default -> throw new Unanswered("the API server answers " + answer.code());
            };
        } catch (IOException lost) {
            throw new Unanswered(lost.toString());
        }
    }

    @Override
    public Receipt write(LeaseRecord next) {
        boolean isNew = next.version() == 0;
        try (ApiTransport.Answer answer = isNew
                ? send("POST", collection(), object(next))
                : send("PUT", collection() + "/" + terms.name(), object(next))) {
            return switch (answer.code()) {
                case 200, 201 -> new Receipt.Written(record(Trees.read(answer.bytes())));
                case 409 -> new Receipt.Conflict();
                case 404 -> isNew ? new Receipt.Unclear("there is no namespace") : new Receipt.Conflict();
                default -> new Receipt.Unclear("the API server answers " + answer.code());
            };
        } catch (IOException lost) {
            return new Receipt.Unclear(lost.toString());
        }
    }

    private ApiTransport.Answer send(String method, String path, @Nullable ObjectNode body) throws IOException {
        return transport.send(
                new ApiRequest(
                        method,
                        path,
                        JSON,
                        body == null ? "" : JSON,
                        body == null ? new byte[0] : body.toString().getBytes(StandardCharsets.UTF_8)),
                timeout);
    }

    private ObjectNode object(LeaseRecord next) {
        ObjectNode lease =
                Trees.object().put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
        ObjectNode metadata =
                lease.putObject("metadata").put("name", terms.name()).put("namespace", terms.namespace());
        if (next.version() != 0) {
            metadata.put("resourceVersion", Long.toString(next.version())).put("uid", uid);
        }
        ObjectNode spec = lease.putObject("spec")
                .put(
                        "leaseDurationSeconds",
                        next.duration().plusNanos(999_999_999).toSeconds())
                .put("leaseTransitions", next.transitions());
        if (!next.isFree()) {
            spec.put("holderIdentity", next.holder());
        }
        putTime(spec, "acquireTime", next.acquiredAt());
        putTime(spec, "renewTime", next.renewedAt());
        return lease;
    }

    private static void putTime(ObjectNode spec, String field, @Nullable Instant time) {
        if (time != null) {
            spec.put(field, time.truncatedTo(ChronoUnit.MICROS).toString());
        }
    }

    private LeaseRecord record(JsonNode lease) {
        uid = lease.path("metadata").path("uid").asText();
        JsonNode spec = lease.path("spec");
        return new LeaseRecord(
                lease.path("metadata").path("resourceVersion").asLong(),
                spec.path("holderIdentity").asText(""),
                Duration.ofSeconds(spec.path("leaseDurationSeconds").asLong()),
                spec.path("leaseTransitions").asInt(),
                time(spec.path("acquireTime")),
                time(spec.path("renewTime")));
    }

    private static @Nullable Instant time(JsonNode text) {
        return text.isTextual() ? Instant.parse(text.asText()) : null;
    }

    @Override
    public Watch watch(Consumer<Event> events) throws Unanswered {
        try {
            ApiTransport.Watch open = transport.watch(
                    collection() + "?watch=true&fieldSelector=metadata.name%3D" + terms.name(), Duration.ofMinutes(5));
            var watch = new LeaseWatch(open, events);
            threads.newThread(watch::follow).start();
            return watch;
        } catch (IOException failed) {
            throw new Unanswered(failed.toString());
        }
    }

    private final class LeaseWatch implements Watch {
        private final ApiTransport.Watch watch;
        private final Consumer<Event> events;
        private boolean open = true;

        LeaseWatch(ApiTransport.Watch watch, Consumer<Event> events) {
            this.watch = watch;
            this.events = events;
        }

        private void follow() {
            try {
                for (Optional<byte[]> line = watch.next(); line.isPresent(); line = watch.next()) {
                    JsonNode event = Trees.read(line.get());
                    switch (event.path("type").asText()) {
                        case "ADDED", "MODIFIED" -> events.accept(new Event(record(event.path("object")), false));
                        case "DELETED" -> events.accept(new Event(record(event.path("object")), true));
                        default -> {}
                    }
                }
            } catch (IOException broken) {
                // The elector opens the watch again.
            } finally {
                open = false;
            }
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            watch.cancel();
        }
    }

    @Override
    public void close() {}
}
