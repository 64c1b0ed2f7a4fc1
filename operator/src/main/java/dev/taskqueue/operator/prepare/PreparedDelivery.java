package dev.taskqueue.operator.prepare;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.operator.api.DeadLetterOf;
import dev.taskqueue.operator.api.SecretHeader;
import dev.taskqueue.operator.api.ServiceRef;
import dev.taskqueue.operator.dispatch.CompatibilityHeaders;
import dev.taskqueue.operator.dispatch.DeadLetterOrigin;
import dev.taskqueue.operator.dispatch.OutboundRequest;
import dev.taskqueue.operator.dispatch.RecordedSecrets;
import dev.taskqueue.operator.dispatch.TraceContexts;
import dev.taskqueue.operator.domain.Departure;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.Outcome;
import dev.taskqueue.operator.domain.TraceContext;
import dev.taskqueue.operator.engine.AttemptContext;
import dev.taskqueue.operator.engine.Dispatcher.FinalCheck;
import dev.taskqueue.operator.engine.Dispatcher.PreparedRequest;
import dev.taskqueue.operator.engine.Dispatcher.Sendable;
import dev.taskqueue.operator.targets.Target;
import dev.taskqueue.operator.targets.TargetResolution;
import dev.taskqueue.operator.task.EffectiveRequest;
import dev.taskqueue.operator.task.QueueProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Task or an item of a TaskBatch with everything that its request needs, ready to be sent. It lives for one attempt.
 *
 * @param token null = the request is sent without a token
 */
record PreparedDelivery(
        DispatchServices services, Draft draft, @Nullable CallerToken token, RequestContents contents)
        implements PreparedRequest {

    /**
     * A request before its token and its contents.
     *
     * @param https whether the target speaks TLS: token and CA are chosen for that
     */
    record Draft(
            DeliveredObject object, EffectiveRequest request, QueueProfile profile, Duration deadline, boolean https) {}

    /** Resolves the target again: up to seconds have passed, and endpoints come and go. */
    @Override
    public FinalCheck finalCheck() {
        return switch (RequestTargets.resolve(services.targets(), draft.object.owner(), draft.request)) {
            case TargetResolution.Missing(Obstacle obstacle) -> new FinalCheck.Blocked(obstacle);
            case TargetResolution.Found(Target target)
            when target.https() != draft.https -> new FinalCheck.Blocked(schemeChanged(target));
            case TargetResolution.Found(Target target) -> new FinalCheck.Passed(new Addressed(this, target));
        };
    }

    /** The request with the address that it goes to. */
    private record Addressed(PreparedDelivery delivery, Target target) implements Sendable {
        @Override
        public Departure send(AttemptContext attempt) {
            return delivery.send(attempt, target);
        }

        @Override
        public @Nullable TraceContext trace(AttemptContext attempt) {
            return delivery.trace(attempt);
        }

        /** Shows neither the token nor the contents. */
        @Override
        public String toString() {
            return delivery.toString();
        }
    }

    /** A trace context from a Secret stays secret. */
    private @Nullable TraceContext trace(AttemptContext attempt) {
        for (SecretHeader secret : draft.request.secretHeaders()) {
            if (TraceContexts.HEADER.equalsIgnoreCase(secret.name())) {
                return null;
            }
        }
        for (Map.Entry<String, String> header : draft.request.headers().entrySet()) {
            if (TraceContexts.HEADER.equalsIgnoreCase(header.getKey())) {
                return TraceContexts.of(attempt, header.getValue());
            }
        }
        return TraceContexts.of(attempt);
    }

    /** An obstacle that is gone at once: the request is then prepared for the Service as it is now. */
    private Obstacle schemeChanged(Target target) {
        ServiceRef service = Objects.requireNonNull(draft.request.serviceRef());
        String port =
                service.port() == null ? "" : String.valueOf(service.port().getValue());
        String name = Objects.requireNonNull(service.name());
        String namespace = draft.object.queue().namespace();
        return new Obstacle(
                Obstacle.Reason.TargetNotFound,
                new Obstacle.Subject(Obstacle.Kind.Service, namespace, name, port),
                "Service %s/%s has just changed to %s: the request is prepared anew."
                        .formatted(namespace, name, target.https() ? "HTTPS" : "HTTP"));
    }

    private Departure send(AttemptContext attempt, Target target) {
        draft.object.beforeSend(draft.request, draft.profile, target);
        Departure departure = services.http()
                .send(new OutboundRequest(
                        new OutboundRequest.Target(
                                security(), target.address(), target.port(), target.host(), target.endpointsVersion()),
                        draft.request.method().name(),
                        draft.request.path(),
                        headers(attempt),
                        contents.body(),
                        draft.deadline,
                        attempt.expireAt(),
                        draft.profile.recordsFailures() ? secrets() : null));
        if (departure instanceof Departure.Left(Outcome outcome)) {
            dropRefusedToken(outcome);
            if (!outcome.isSuccess()) {
                draft.object.afterFailure(draft.profile);
            }
        }
        return departure;
    }

    /** What the handler gets and nobody may read in its object. */
    private RecordedSecrets secrets() {
        var values = new ArrayList<String>();
        if (token != null) {
            values.add(token.token());
        }
        for (SecretHeader header : draft.request.secretHeaders()) {
            String value = contents.headers().get(Objects.requireNonNull(header.name()));
            if (value != null) {
                values.add(value);
            }
        }
        if (draft.request.bodyFrom() != null && draft.request.bodyFrom().secretKeyRef() != null) {
            int length = Math.min(contents.body().length, RecordedSecrets.LONGEST);
            values.add(new String(contents.body(), 0, length, UTF_8));
        }
        return new RecordedSecrets(values);
    }

    private void dropRefusedToken(Outcome outcome) {
        if (token != null && refusesCaller(outcome)) {
            services.tokens()
                    .rejected(draft.object.queue().namespace(), token.account(), token.audience(), token.token());
        }
    }

    private static boolean refusesCaller(Outcome outcome) {
        return outcome instanceof Outcome.Answered answered
                && (answered.statusCode() == 401 || answered.statusCode() == 403);
    }

    private OutboundRequest.Security security() {
        return draft.https
                ? new OutboundRequest.Security.Tls(
                        contents.trust(),
                        draft.request.tls() == null ? null : draft.request.tls().serverName())
                : new OutboundRequest.Security.Plain();
    }

    @Override
    public Duration deadline() {
        return draft.deadline;
    }

    @Override
    public long size() {
        return draft.object.size() + contents.body().length;
    }

    private Map<String, String> headers(AttemptContext attempt) {
        Map<String, String> headers = services.headers()
                .of(attempt, families(draft.profile), draft.object.shownName(), contents.headers(), draft.deadline);
        draft.object.addHeaders(headers);
        DeadLetterOf deadLetterOf = draft.object.deadLetterOf();
        if (deadLetterOf != null) {
            headers.putAll(origin(deadLetterOf).headers());
        }
        if (token != null) {
            headers.put("Authorization", "Bearer " + token.token());
        }
        return headers;
    }

    private static DeadLetterOrigin origin(DeadLetterOf failed) {
        return new DeadLetterOrigin(
                failed.queue(), failed.task(), failed.reason(), failed.attempts(), failed.statusCode());
    }

    private static Set<CompatibilityHeaders> families(QueueProfile profile) {
        Set<CompatibilityHeaders> families = EnumSet.noneOf(CompatibilityHeaders.class);
        for (var family : profile.headerFamilies()) {
            switch (family) {
                case CloudTasks -> families.add(CompatibilityHeaders.CloudTasks);
                case AppEngine -> families.add(CompatibilityHeaders.AppEngine);
                case None -> {}
            }
        }
        return families;
    }

    /** Shows neither the token nor the contents. */
    @Override
    public String toString() {
        return "PreparedDelivery[" + draft.object + "]";
    }
}
