package dev.taskqueue.operator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.domain.AttemptReason;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that the same exception has different meanings at different steps. */
final class FailureClassifierTest {
    private static final OutboundRequest REQUEST =
            TestingRequests.request(TestingRequests.target(InetAddress.getLoopbackAddress(), 80), "POST");

    record Case(CallProgress.Step step, Exception failure, AttemptReason reason) {}

    static List<Case> cases() {
        var refused = new ConnectException("Failed to connect to x");
        refused.initCause(new ConnectException("Connection refused"));
        var untrusted = new SSLHandshakeException("no");
        untrusted.initCause(new CertificateException("no"));
        return List.of(
                new Case(CallProgress.Step.Connecting, refused, AttemptReason.ConnectionRefused),
                new Case(
                        CallProgress.Step.Connecting,
                        new ConnectException("Connection timed out"),
                        AttemptReason.ConnectFailed),
                new Case(
                        CallProgress.Step.Connecting,
                        new ConnectException("Network is unreachable"),
                        AttemptReason.ConnectFailed),
                new Case(
                        CallProgress.Step.Connecting,
                        new NoRouteToHostException("No route"),
                        AttemptReason.ConnectFailed),
                new Case(
                        CallProgress.Step.Connecting,
                        new SocketTimeoutException("Connect timed out"),
                        AttemptReason.ConnectFailed),
                new Case(
                        CallProgress.Step.Connecting,
                        new InterruptedIOException("timeout"),
                        AttemptReason.DeadlineExceeded),
                new Case(CallProgress.Step.Securing, untrusted, AttemptReason.TLSFailed),
                new Case(CallProgress.Step.Securing, new SSLPeerUnverifiedException("no"), AttemptReason.TLSFailed),
                new Case(CallProgress.Step.Securing, new SocketException("Connection reset"), AttemptReason.TLSFailed),
                new Case(
                        CallProgress.Step.Securing,
                        new InterruptedIOException("timeout"),
                        AttemptReason.DeadlineExceeded),
                new Case(
                        CallProgress.Step.Sent,
                        new SocketException("Connection reset"),
                        AttemptReason.ConnectionClosed),
                new Case(CallProgress.Step.Sent, new IOException("unexpected end"), AttemptReason.ConnectionClosed),
                new Case(CallProgress.Step.Sent, new ProtocolException("220 smtp"), AttemptReason.UnexpectedStatus),
                new Case(CallProgress.Step.Sent, new IllegalStateException("code < 0"), AttemptReason.UnexpectedStatus),
                new Case(CallProgress.Step.Sent, new InterruptedIOException("timeout"), AttemptReason.DeadlineExceeded),
                new Case(
                        CallProgress.Step.AwaitingAnswer,
                        new SocketException("Connection reset"),
                        AttemptReason.ConnectionClosed),
                new Case(
                        CallProgress.Step.AwaitingAnswer,
                        new InterruptedIOException("timeout"),
                        AttemptReason.DeadlineExceeded));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theStepAndTheExceptionGiveTheReason(Case given) {
        CallProgress course = courseAt(given.step);
        var outcome = FailureClassifier.of(REQUEST, course, given.failure, false);
        assertThat(outcome.reason()).isEqualTo(given.reason);
        assertThat(outcome.message())
                .hasSizeLessThanOrEqualTo(256)
                .contains(TestingRequests.HOST)
                .doesNotContain("smtp");
    }

    @Test
    void anInterruptedThreadComesFirst() {
        assertThat(FailureClassifier.of(REQUEST, courseAt(CallProgress.Step.Sent), new IOException("closed"), true)
                        .reason())
                .isEqualTo(AttemptReason.Interrupted);
    }

    @Test
    void theLongestNamesLeaveTheMessageWhole() {
        String longest = "a".repeat(63) + "." + "b".repeat(63) + ".svc";
        var target = new OutboundRequest.Target(
                new OutboundRequest.Security.Plain(), InetAddress.getLoopbackAddress(), 65535, longest, 0);
        var request = TestingRequests.request(target, "POST");
        for (Case given : cases()) {
            assertThat(FailureClassifier.of(request, courseAt(given.step), given.failure, false)
                            .message())
                    .hasSizeLessThanOrEqualTo(256);
        }
        assertThat(FailureClassifier.bodyBroke(target, 200).message()).hasSizeLessThanOrEqualTo(256);
    }

    private static CallProgress courseAt(CallProgress.Step step) {
        var course = new CallProgress(REQUEST, InstantSource.system(), () -> true);
        course.reach(step);
        return course;
    }
}
