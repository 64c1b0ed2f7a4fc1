package dev.taskqueue.operator;

import dev.taskqueue.operator.kube.Sleeper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits at the start until the API server answers and serves our kinds. The API server may be started, or the CRDs installed, a moment after the
 * operator.
 */
final class ApiServerWait {
    private static final Logger LOG = LoggerFactory.getLogger(ApiServerWait.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final KubernetesClient client;
    private final String apiVersion;
    private final Runnable alive;

    /**
     * Makes a wait for one API server.
     *
     * @param client must not repeat requests by itself
     * @param alive called again and again, so that the process counts as live: a restart would not help
     */
    ApiServerWait(KubernetesClient client, String apiVersion, Runnable alive) {
        this.client = client;
        this.apiVersion = apiVersion;
        this.alive = alive;
    }

    /** Returns once the kinds are served; throws {@link NotStartedException} if waiting would not help. */
    void await() {
        String said = "";
        for (String problem = problem(); !problem.isEmpty(); problem = problem()) {
            if (!said.equals(problem)) {
                said = problem;
                LOG.warn(problem);
            }
            alive.run();
            Sleeper.SYSTEM.pause(PAUSE);
        }
    }

    /** The present problem; empty if there is none. */
    private String problem() {
        try {
            return client.getApiResources(apiVersion) == null
                    ? apiVersion + " is not served here; waiting for its CRDs: kubectl apply -f crds"
                    : "";
        } catch (KubernetesClientException failure) {
            if (causes(failure).anyMatch(ApiServerWait::isNoTrust)) {
                throw new NotStartedException(
                        "The API server at " + client.getMasterUrl() + " cannot be trusted: " + last(failure)
                                + ". Correct the certificate authority, or the certificate, in the kubeconfig.");
            }
            String answer =
                    failure.getCode() <= 0 ? "gives no answer (" + last(failure) + ")" : "answers " + failure.getCode();
            return "The API server at " + client.getMasterUrl() + " " + answer + "; waiting for it";
        }
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
