package dev.taskqueue.operator.prepare;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.taskqueue.operator.api.KeyRef;
import dev.taskqueue.operator.api.KeySource;
import dev.taskqueue.operator.api.SecretHeader;
import dev.taskqueue.operator.dispatch.CaBundle;
import dev.taskqueue.operator.domain.HeaderRules;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.EffectiveRequest;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A request's contents for one attempt, those from Secrets and ConfigMaps among them. They live as long as the attempt, and no text form shows
 * them.
 *
 * @param body empty = none
 * @param headers the user's, plain and secret
 * @param trust null = the system's trust store
 */
record RequestContents(
        @SuppressWarnings("ArrayRecordComponent") byte[] body, // shared, and never compared
        Map<String, String> headers,
        @Nullable CaBundle trust) {

    /** Bytes of a body that {@code bodyFrom} names; a Secret holds no more either. */
    static final int MAX_BODY = 1 << 20;

    /** What gathering them came to. */
    sealed interface Gathered {
        record Complete(RequestContents contents) implements Gathered {}

        /** Something must change first. */
        record Missing(Obstacle obstacle) implements Gathered {}
    }

    /**
     * Reads what the request names.
     *
     * @param https whether the target speaks TLS: only then its CA is read
     */
    static Gathered gather(KeyReader sources, QueueId queue, EffectiveRequest request, boolean https) {
        var reader = new Reader(sources, queue);
        byte[] body = reader.body(request);
        Map<String, String> headers = reader.headers(request);
        KeySource caFrom = request.tls() == null ? null : request.tls().caFrom();
        CaBundle trust = https && caFrom != null ? reader.trust(caFrom) : null;
        return reader.obstacle != null
                ? new Gathered.Missing(reader.obstacle)
                : new Gathered.Complete(new RequestContents(body, headers, trust));
    }

    @Override
    public String toString() {
        return "Contents[***]";
    }

    /** Reads on until something is missing; what comes after the first obstacle is not asked for. */
    private static final class Reader {
        private static final byte[] NOTHING = {};

        private final KeyReader sources;
        private final QueueId queue;
        private @Nullable Obstacle obstacle;

        Reader(KeyReader sources, QueueId queue) {
            this.sources = sources;
            this.queue = queue;
        }

        byte[] body(EffectiveRequest request) {
            if (request.bodyFrom() == null) {
                return request.body();
            }
            KeyReference source = source(request.bodyFrom());
            byte[] body = read(source);
            if (body.length > MAX_BODY) {
                obstacle = source.unusable(
                        Obstacle.Reason.LimitExceeded,
                        "has %d bytes: shorten it, a body has at most %d.".formatted(body.length, MAX_BODY));
            }
            return body;
        }

        Map<String, String> headers(EffectiveRequest request) {
            var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
            headers.putAll(request.headers());
            KeyReference last = null;
            for (SecretHeader header : request.secretHeaders()) {
                last = secret(Objects.requireNonNull(header.secretKeyRef()));
                String name = Objects.requireNonNull(header.name());
                String value = withoutLineBreak(new String(read(last), ISO_8859_1));
                Optional<String> objection = HeaderRules.checkValue(name, value);
                if (objection.isPresent()) {
                    obstacle = last.unusable(Obstacle.Reason.SourceNotFound, "cannot be sent: " + objection.get());
                }
                headers.put(name, value);
            }
            Optional<String> excess = obstacle == null ? HeaderRules.checkSize(headers) : Optional.empty();
            if (excess.isPresent()) {
                obstacle = tooLarge(last, excess.get());
            }
            return headers;
        }

        /** Where Task and queue are within the bounds each, both together may not be. */
        private Obstacle tooLarge(@Nullable KeyReference lastSecret, String excess) {
            if (lastSecret != null) {
                return lastSecret.unusable(
                        Obstacle.Reason.LimitExceeded, "and the other headers are too much: " + excess);
            }
            return new Obstacle(
                    Obstacle.Reason.LimitExceeded,
                    new Obstacle.Subject(Obstacle.Kind.TaskQueue, queue.namespace(), queue.name()),
                    "The headers of TaskQueue " + queue + " and of the Task are too much: " + excess);
        }

        @Nullable CaBundle trust(KeySource caFrom) {
            KeyReference source = source(caFrom);
            byte[] pem = read(source);
            Optional<CaBundle> bundle = CaBundle.parse(new String(pem, ISO_8859_1));
            if (bundle.isEmpty() && obstacle == null) {
                obstacle = source.unusable(
                        Obstacle.Reason.SourceNotFound,
                        "holds no certificates in PEM form: put those of the CA there, BEGIN CERTIFICATE and all.");
            }
            return bundle.orElse(null);
        }

        private byte[] read(KeyReference source) {
            if (obstacle != null) {
                return NOTHING;
            }
            return switch (sources.read(source)) {
                case KeyReader.Value.Found found -> found.content();
                case KeyReader.Value.Missing missing -> {
                    obstacle = missing.obstacle();
                    yield NOTHING;
                }
            };
        }

        private KeyReference source(KeySource source) {
            return source.secretKeyRef() != null
                    ? secret(source.secretKeyRef())
                    : source(Obstacle.Kind.ConfigMap, Objects.requireNonNull(source.configMapKeyRef()));
        }

        private KeyReference secret(KeyRef ref) {
            return source(Obstacle.Kind.Secret, ref);
        }

        private KeyReference source(Obstacle.Kind kind, KeyRef ref) {
            return new KeyReference(
                    kind, queue.namespace(), Objects.requireNonNull(ref.name()), Objects.requireNonNull(ref.key()));
        }

        /** What {@code echo} and editors leave at the end of a file. */
        private static String withoutLineBreak(String value) {
            String cut = value.endsWith("\n") ? value.substring(0, value.length() - 1) : value;
            return cut.endsWith("\r") && cut.length() < value.length() ? cut.substring(0, cut.length() - 1) : cut;
        }
    }
}
