package dev.taskqueue.operator.prepare;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.taskqueue.operator.api.KeyRef;
import dev.taskqueue.operator.api.KeySource;
import dev.taskqueue.operator.api.SecretHeader;
import dev.taskqueue.operator.dispatch.CaBundle;
import dev.taskqueue.operator.dispatch.CaBundleReader;
import dev.taskqueue.operator.domain.HeaderRules;
import dev.taskqueue.operator.domain.Obstacle;
import dev.taskqueue.operator.domain.QueueId;
import dev.taskqueue.operator.task.EffectiveRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The body, the headers and the CA of a request, including those from Secrets and ConfigMaps. They live as long as the attempt, and their text form
 * does not show them.
 *
 * @param body empty = none
 * @param headers the user's headers, plain and secret
 * @param trust null = the system's trust store
 */
record RequestContents(
        @SuppressWarnings("ArrayRecordComponent") byte[] body, // shared, and never compared
        Map<String, String> headers,
        @Nullable CaBundle trust) {

    /** The largest body in bytes that {@code bodyFrom} may name. A Secret cannot be larger either. */
    static final int MAX_BODY = 1 << 20;

    /** The result of gathering the contents. */
    sealed interface Gathered {
        record Complete(RequestContents contents) implements Gathered {}

        /** The contents are incomplete until something changes. */
        record Missing(Obstacle obstacle) implements Gathered {}
    }

    /**
     * Reads everything that the request names.
     *
     * @param keys reads a key of a Secret or ConfigMap
     * @param https whether the target speaks TLS. Only then the CA is read
     */
    static Gathered gather(
            Function<KeyReference, KeyReader.Value> keys,
            CaBundles bundles,
            RequestOwner owner,
            EffectiveRequest request,
            boolean https) {
        var reader = new Reader(keys, bundles, owner);
        byte[] body = reader.body(request);
        Map<String, String> headers = reader.headers(request);
        KeySource caFrom = request.tls() == null ? null : request.tls().caFrom();
        CaBundle trust = https && caFrom != null ? reader.trust(caFrom) : null;
        return reader.obstacle != null
                ? new Gathered.Missing(reader.obstacle)
                : new Gathered.Complete(new RequestContents(body, headers, trust));
    }

    /** The same contents with another body. */
    RequestContents withBody(byte[] other) {
        return new RequestContents(other, headers, trust);
    }

    @Override
    public String toString() {
        return "Contents[***]";
    }

    /** Reads until the first obstacle. After that nothing more is requested. */
    private static final class Reader {
        private static final byte[] NOTHING = {};

        private final Function<KeyReference, KeyReader.Value> keys;
        private final CaBundles bundles;
        private final RequestOwner owner;
        private @Nullable Obstacle obstacle;

        Reader(Function<KeyReference, KeyReader.Value> keys, CaBundles bundles, RequestOwner owner) {
            this.keys = keys;
            this.bundles = bundles;
            this.owner = owner;
        }

        byte[] body(EffectiveRequest request) {
            if (request.bodyFrom() == null) {
                return request.body();
            }
            KeyReference key = key(request.bodyFrom());
            byte[] body = read(key);
            if (body.length > MAX_BODY) {
                obstacle = key.unusable(
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

        /** The headers of the object and those of its queue may each be within the limits, and yet exceed them together. */
        private Obstacle tooLarge(@Nullable KeyReference lastSecret, String excess) {
            if (lastSecret != null) {
                return lastSecret.unusable(
                        Obstacle.Reason.LimitExceeded, "and the other headers are too much: " + excess);
            }
            QueueId queue = owner.queue();
            return new Obstacle(
                    Obstacle.Reason.LimitExceeded,
                    new Obstacle.Subject(Obstacle.Kind.TaskQueue, queue.namespace(), queue.name()),
                    "The headers of TaskQueue " + queue + " and of the " + owner.name() + " are too much: " + excess);
        }

        @Nullable CaBundle trust(KeySource caFrom) {
            KeyReference key = key(caFrom);
            byte[] content = read(key);
            if (obstacle != null) {
                return null;
            }
            CaBundleReader.Reading reading = bundles.read(key, content);
            if (reading.bundle() == null) {
                obstacle = key.unusable(Obstacle.Reason.SourceNotFound, objection(reading.faults()));
            }
            return reading.bundle();
        }

        private static String objection(List<String> faults) {
            return faults.isEmpty()
                    ? "holds no certificates in PEM form: put those of the CA there, BEGIN CERTIFICATE and all."
                    : "holds no certificate that can be used. Not used: " + CaBundles.faults(faults);
        }

        private byte[] read(KeyReference key) {
            if (obstacle != null) {
                return NOTHING;
            }
            return switch (keys.apply(key)) {
                case KeyReader.Value.Found found -> found.content();
                case KeyReader.Value.Missing missing -> {
                    obstacle = missing.obstacle();
                    yield NOTHING;
                }
            };
        }

        private KeyReference key(KeySource source) {
            return source.secretKeyRef() != null
                    ? secret(source.secretKeyRef())
                    : key(Obstacle.Kind.ConfigMap, Objects.requireNonNull(source.configMapKeyRef()));
        }

        private KeyReference secret(KeyRef ref) {
            return key(Obstacle.Kind.Secret, ref);
        }

        private KeyReference key(Obstacle.Kind kind, KeyRef ref) {
            return new KeyReference(
                    kind,
                    owner.queue().namespace(),
                    Objects.requireNonNull(ref.name()),
                    Objects.requireNonNull(ref.key()));
        }

        /** Removes the line break that {@code echo} and editors leave at the end of a file. */
        private static String withoutLineBreak(String value) {
            String cut = value.endsWith("\n") ? value.substring(0, value.length() - 1) : value;
            return cut.endsWith("\r") && cut.length() < value.length() ? cut.substring(0, cut.length() - 1) : cut;
        }
    }
}
