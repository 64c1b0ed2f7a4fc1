package dev.taskqueue.operator.dispatch;

import dev.taskqueue.operator.domain.AttemptReason;
import dev.taskqueue.operator.domain.Durations;
import dev.taskqueue.operator.domain.Outcome;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Finds the reason why no answer came, from the progress of the request. The exception only adds detail. The sentences are the operator's own,
 * because an exception's text may hold what the worker sent.
 */
final class FailureClassifier {
    /** With two names of this length every sentence fits into the 256 characters that status has for it. */
    private static final int SHOWN_NAME = 75;

    private FailureClassifier() {}

    /** @param interrupted whether the attempt's thread was interrupted */
    static Outcome.Unanswered of(OutboundRequest request, CallProgress course, Exception failure, boolean interrupted) {
        String worker = shown(request.target());
        if (interrupted) {
            return unanswered(AttemptReason.Interrupted, "The operator stopped waiting for " + worker + ".");
        }
        if (isDeadline(failure)) {
            return unanswered(
                    AttemptReason.DeadlineExceeded,
                    (course.step() == CallProgress.Step.Sent
                                    ? "%s did not read the whole request within %s; let it read the body, or raise dispatchDeadline."
                                    : "%s gave no answer within %s; let it answer faster, or raise dispatchDeadline.")
                            .formatted(worker, Durations.format(request.deadline())));
        }
        return switch (course.step()) {
            case Connecting -> notConnected(worker, failure);
            case Securing -> notSecured(worker, shown(request.target().serverName()), failure);
            case Sent, AwaitingAnswer -> notUnderstood(worker, course, failure);
        };
    }

    /** The outcome of a success whose body did not come to its end. */
    static Outcome.Unanswered bodyBroke(OutboundRequest.Target target, int statusCode) {
        return unanswered(
                AttemptReason.ConnectionClosed,
                "%s closed the connection in the middle of its answer %d; look for crashes, and check its Content-Length."
                        .formatted(shown(target), statusCode));
    }

    /** The timeout of a call is a plain InterruptedIOException of OkHttp. The timeout of a connect is a subclass. */
    private static boolean isDeadline(Exception failure) {
        return failure instanceof InterruptedIOException && !(failure instanceof SocketTimeoutException);
    }

    private static Outcome.Unanswered notConnected(String worker, Exception failure) {
        if (causeOf(failure, ConnectException.class, "Connection refused")) {
            return unanswered(
                    AttemptReason.ConnectionRefused,
                    worker + " refused the connection; check that the worker listens on the Service's target port.");
        }
        return unanswered(
                AttemptReason.ConnectFailed,
                "No connection to " + worker + " could be made; check network policies and the Service's endpoints.");
    }

    private static Outcome.Unanswered notSecured(String worker, String serverName, Exception failure) {
        boolean certificate = causeOf(failure, CertificateException.class, "")
                || causeOf(failure, SSLPeerUnverifiedException.class, "");
        return unanswered(
                AttemptReason.TLSFailed,
                certificate
                        ? "The certificate of %s is not trusted or not made out for %s; check tls.caFrom and tls.serverName."
                                .formatted(worker, serverName)
                        : "The TLS handshake with %s failed; check that the port speaks TLS 1.2 or newer."
                                .formatted(worker));
    }

    private static Outcome.Unanswered notUnderstood(String worker, CallProgress course, Exception failure) {
        if (course.isAnswerTooLarge()) {
            return unanswered(
                    AttemptReason.ResponseTooLarge,
                    "The headers of the answer of " + worker + " exceed 256 KiB; let it send fewer.");
        }
        if (failure instanceof ProtocolException || failure instanceof RuntimeException) {
            return unanswered(
                    AttemptReason.UnexpectedStatus,
                    "The answer of " + worker + " is no HTTP/1.1; check the port and the scheme.");
        }
        return unanswered(
                AttemptReason.ConnectionClosed,
                course.step() == CallProgress.Step.Sent
                        ? worker + " closed the connection while the request was being sent; check how large a body it accepts."
                        : worker + " closed the connection before its answer was complete.");
    }

    private static boolean causeOf(@Nullable Throwable failure, Class<? extends Exception> kind, String message) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause) && String.valueOf(cause.getMessage()).startsWith(message)) {
                return true;
            }
        }
        return false;
    }

    private static String shown(OutboundRequest.Target target) {
        return shown(target.host()) + ":" + target.port();
    }

    private static String shown(String name) {
        return name.length() <= SHOWN_NAME ? name : name.substring(0, SHOWN_NAME - 3) + "...";
    }

    private static Outcome.Unanswered unanswered(AttemptReason reason, String message) {
        return new Outcome.Unanswered(reason, message);
    }
}
