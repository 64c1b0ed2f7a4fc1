package dev.taskqueue.operator;

import dev.taskqueue.operator.api.ApiGroup;
import dev.taskqueue.operator.domain.ApiAnswerText;
import dev.taskqueue.operator.domain.FailureStreak;
import dev.taskqueue.operator.domain.Sleeper;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits at the start until the API server answers and serves our kinds. The API server may be started, or the CRDs installed, a moment after the
 * operator.
 */
final class ApiServerWait {
    private static final Logger LOG = LoggerFactory.getLogger(ApiServerWait.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final int UNAUTHORIZED = 401;
    private static final List<String> KINDS = List.of("taskqueues", "tasks", "taskbatches");

    private final KubernetesClient client;
    private final LongSupplier nanos;
    private final Consumer<String> waitsFor;
    private final Sleeper sleeper;

    /**
     * Makes a wait for one API server.
     *
     * @param client must not repeat requests by itself
     * @param nanos the monotonic clock
     * @param waitsFor called again and again with the present problem, so that the process counts as live: a restart would not help. Called with an
     *     empty text at the end
     */
    ApiServerWait(KubernetesClient client, LongSupplier nanos, Consumer<String> waitsFor, Sleeper sleeper) {
        this.client = client;
        this.nanos = nanos;
        this.waitsFor = waitsFor;
        this.sleeper = sleeper;
    }

    /** Returns once the kinds are served; throws {@link NotStartedException} if waiting would not help. */
    void await() {
        var failures = new FailureStreak();
        for (String problem = problem(); !problem.isEmpty(); problem = problem()) {
            String shown = problem;
            failures.failed(problem, nanos.getAsLong()).ifPresent(lasting -> LOG.warn("{}{}", shown, lasting));
            waitsFor.accept(problem);
            sleeper.pause(PAUSE);
        }
        failures.ended(nanos.getAsLong())
                .ifPresent(after -> LOG.info("The API server serves TaskQueues, Tasks and TaskBatches, {}", after));
        waitsFor.accept("");
    }

    /** The present problem; empty if there is none. */
    private String problem() {
        try {
            List<String> missing = missing(client.getApiResources(ApiGroup.API_VERSION));
            return missing.isEmpty()
                    ? ""
                    : "The API server does not serve " + ApiGroup.API_VERSION + ": "
                            + ApiAnswerText.missingCrd(
                                    (missing.size() == 1 ? "the CRD " : "the CRDs ") + String.join(" and ", missing));
        } catch (KubernetesClientException failure) {
            if (causes(failure).anyMatch(ApiServerWait::isNoTrust)) {
                throw new NotStartedException(
                        "The API server at " + client.getMasterUrl() + " cannot be trusted: " + last(failure)
                                + ". Correct the certificate authority, or the certificate, in the kubeconfig.");
            }
            return "The API server at " + client.getMasterUrl() + " " + answer(failure) + "; waiting for it";
        }
    }

    private static String answer(KubernetesClientException failure) {
        int code = failure.getCode();
        if (code <= 0) {
            return "gives no answer (" + last(failure) + ")";
        }
        return "answers " + code + (code == UNAUTHORIZED ? ": " + ApiAnswerText.unauthorized() : "");
    }

    /** The CRDs whose kinds are not served. */
    private static List<String> missing(@Nullable APIResourceList served) {
        Set<String> names = served == null
                ? Set.of()
                : served.getResources().stream().map(APIResource::getName).collect(Collectors.toSet());
        return KINDS.stream()
                .filter(kind -> !names.contains(kind))
                .map(kind -> kind + "." + ApiGroup.NAME)
                .toList();
    }

    private static boolean isNoTrust(Throwable cause) {
        return cause instanceof GeneralSecurityException || cause instanceof SSLPeerUnverifiedException;
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.<Throwable>iterate(failure, cause -> cause != null, Throwable::getCause);
    }

    private static String last(Throwable failure) {
        Throwable last = causes(failure).reduce(failure, (one, next) -> next);
        return last.getClass().getSimpleName() + ": " + last.getMessage();
    }
}
