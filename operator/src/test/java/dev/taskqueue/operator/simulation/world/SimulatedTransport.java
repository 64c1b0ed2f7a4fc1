package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.kube.ApiRequest;
import dev.taskqueue.operator.kube.ApiTransport;
import dev.taskqueue.operator.kube.RefusedException;
import dev.taskqueue.operator.simulation.apiserver.ApiAnswer;
import dev.taskqueue.operator.simulation.apiserver.ServerWatch;
import dev.taskqueue.operator.simulation.apiserver.WatchAnswer;
import dev.taskqueue.operator.simulation.world.FaultInjector.Hit;
import dev.taskqueue.operator.simulation.world.Step.Phase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The connection of one process to the API server. Each request passes its points, and suffers the faults that are planned there. */
final class SimulatedTransport implements ApiTransport {
    private static final Duration TOO_LONG = Duration.ofSeconds(25);

    private final SimulatedProcess process;
    private final Network network;
    private final FaultInjector faults;

    SimulatedTransport(SimulatedProcess process, Network network, FaultInjector faults) {
        this.process = process;
        this.network = network;
        this.faults = faults;
    }

    @Override
    public Answer send(ApiRequest request, Duration timeout) throws IOException {
        Step step = Step.of(request);
        long sentAt = network.scheduler().now();
        Hit hit = faults.pass(process, step.at(Phase.Sending));
        var pending = new Pending<ApiAnswer>();
        Scheduler.Timer end = process.after(timeout, () -> pending.fail("timeout"));
        new Exchange(request, sentAt, step, hit, pending).begin();
        try {
            return new SimulatedAnswer(pending.await());
        } finally {
            end.cancel();
        }
    }

    /** One request on its way there and back. */
    private final class Exchange {
        private final ApiRequest request;
        private final long sentAt;
        private final Step step;
        private final @Nullable Hit hit;
        private final Pending<ApiAnswer> pending;

        Exchange(ApiRequest request, long sentAt, Step step, @Nullable Hit hit, Pending<ApiAnswer> pending) {
            this.request = request;
            this.sentAt = sentAt;
            this.step = step;
            this.hit = hit;
            this.pending = pending;
        }

        void begin() {
            if (network.refuses(process.name())) {
                later(network.latency(), () -> pending.fail("connection refused"));
            } else if (network.hangs(request.path())) {
                return;
            } else if (hit == null) {
                arrive(network.latency());
            } else {
                suffer(hit);
            }
        }

        private void suffer(Hit fault) {
            switch (fault.kind()) {
                case Refuse -> later(network.latency(), () -> pending.fail("connection refused"));
                case LoseRequest -> {}
                case DelayRequest -> arrive(fault.length());
                case AnswerConflict -> answer(409, "Conflict", "the object has been modified");
                case AnswerForbidden -> answer(403, "Forbidden", "not allowed at the moment");
                case AnswerInvalid -> {
                    network.refusedForGood(step, request.body());
                    answer(422, "Invalid", "a webhook finds it invalid");
                }
                case AnswerTooMany -> answer(429, "TooManyRequests", "too many requests");
                case AnswerInternalError -> answer(500, "InternalError", "etcdserver: leader changed");
                case AnswerUnavailable -> answer(503, "ServiceUnavailable", "apiserver is shutting down");
                case AnswerTimeout -> answer(504, "Timeout", "the request did not complete in time");
                case AnswerGarbage ->
                    later(
                            twice(),
                            () -> pending.answer(new ApiAnswer(
                                    502,
                                    Map.of("Content-Type", "text/html"),
                                    "<html>bad gateway</html>".getBytes(StandardCharsets.UTF_8))));
                default -> arrive(network.latency());
            }
        }

        /** The request arrives at the server, whatever has become of its sender. */
        private void arrive(Duration after) {
            network.scheduler().after(after, () -> {
                if (network.refuses(process.name())) {
                    back(() -> pending.fail("connection reset"));
                    return;
                }
                var form = new Network.Form(request.accept(), request.contentType());
                ApiAnswer answer = network.handle(
                        Network.request(process.name(), request.method(), request.path(), form, request.body()),
                        sentAt);
                boolean lost = network.isAnswerLost();
                if (step.kind == Step.Kind.Write) {
                    faults.pass(process, step.at(Phase.Stored));
                }
                if (!lost) {
                    answered(answer);
                }
            });
        }

        private void answered(ApiAnswer answer) {
            Fault.Kind kind = hit == null ? null : hit.kind();
            if (kind == Fault.Kind.SilenceAnswer) {
                return;
            }
            if (kind == Fault.Kind.LoseAnswer) {
                back(() -> pending.fail("connection reset"));
            } else if (kind == Fault.Kind.AnswerTimeoutStored) {
                back(() -> pending.answer(ApiAnswer.refusal(504, "Timeout", "the request did not complete in time")));
            } else if (kind == Fault.Kind.CutAnswer) {
                byte[] half = java.util.Arrays.copyOf(answer.body(), answer.body().length / 2);
                back(() -> pending.answer(new ApiAnswer(answer.code(), answer.headers(), half)));
            } else {
                back(() -> {
                    faults.pass(process, step.at(Phase.Answered));
                    pending.answer(answer);
                });
            }
        }

        /** What comes back reaches the process only while that runs. */
        private void back(Runnable arrival) {
            later(network.latency(), arrival);
        }

        private void answer(int code, String reason, String message) {
            later(twice(), () -> pending.answer(ApiAnswer.refusal(code, reason, message)));
        }

        private Duration twice() {
            return network.latency().plus(network.latency());
        }

        private void later(Duration after, Runnable arrival) {
            network.scheduler().after(after, () -> process.ready(arrival));
        }
    }

    @Override
    public Watch watch(String path, Duration silence) throws IOException {
        Step step = Step.of(ApiRequest.get(path));
        Hit hit = faults.pass(process, step.at(Phase.Sending));
        var pending = new Pending<WatchAnswer>();
        int breaks = network.breaks(process.name());
        Scheduler.Timer end =
                process.after(silence.compareTo(TOO_LONG) < 0 ? silence : TOO_LONG, () -> pending.fail("timeout"));
        if (network.refuses(process.name()) || hit != null) {
            network.scheduler().after(network.latency(), () -> process.ready(() -> pending.fail("connection refused")));
        } else {
            network.scheduler().after(network.latency(), () -> open(path, step, pending));
        }
        try {
            return switch (pending.await()) {
                case WatchAnswer.Refused(ApiAnswer answer) -> throw new RefusedException(answer.code(), "a watch");
                case WatchAnswer.Opened(ServerWatch watch)
                when network.breaks(process.name()) != breaks -> {
                    watch.close();
                    throw new IOException("connection reset");
                }
                case WatchAnswer.Opened(ServerWatch watch) -> opened(watch, path, silence);
            };
        } finally {
            end.cancel();
        }
    }

    private void open(String path, Step step, Pending<WatchAnswer> pending) {
        WatchAnswer answer = network.watch(
                Network.request(process.name(), "GET", path, new Network.Form("application/json", ""), new byte[0]));
        network.scheduler()
                .after(
                        network.latency(),
                        () -> process.ready(() -> {
                            faults.pass(process, step.at(Phase.Answered));
                            pending.answer(answer);
                        }));
    }

    private SimulatedWatch opened(ServerWatch watch, String path, Duration silence) {
        var opened = new SimulatedWatch(process, network, faults, watch, new SimulatedWatch.Terms(path, silence));
        network.opened(opened);
        opened.begin();
        return opened;
    }

    private record SimulatedAnswer(ApiAnswer answer) implements Answer {
        @Override
        public int code() {
            return answer.code();
        }

        @Override
        public Optional<Instant> date() {
            return Optional.ofNullable(answer.headers().get("Date"))
                    .map(date -> ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant());
        }

        @Override
        public Optional<String> retryAfter() {
            return Optional.ofNullable(answer.headers().get("Retry-After"));
        }

        @Override
        public InputStream body() {
            return new ByteArrayInputStream(answer.body());
        }

        @Override
        public byte[] bytes() {
            return answer.body();
        }

        @Override
        public void close() {}
    }
}
