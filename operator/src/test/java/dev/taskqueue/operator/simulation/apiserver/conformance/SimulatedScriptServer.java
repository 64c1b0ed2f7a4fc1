package dev.taskqueue.operator.simulation.apiserver.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.taskqueue.operator.simulation.apiserver.ApiAnswer;
import dev.taskqueue.operator.simulation.apiserver.ApiRequest;
import dev.taskqueue.operator.simulation.apiserver.ServerWatch;
import dev.taskqueue.operator.simulation.apiserver.SimulatedApiServer;
import dev.taskqueue.operator.simulation.apiserver.WatchAnswer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Runs the conformance script on the simulated server. */
final class SimulatedScriptServer implements ScriptServer {
    private final SimulatedApiServer server =
            new SimulatedApiServer(InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")), new SplittableRandom(1));

    @Override
    public ApiAnswer send(ApiRequest request) {
        return server.handle(request);
    }

    @Override
    public ApiAnswer sendUntil(ApiRequest request, int code) {
        return server.handle(request);
    }

    @Override
    public Lines watch(ApiRequest request) {
        return switch (server.watch(request)) {
            case WatchAnswer.Opened(ServerWatch watch) -> new WatchLines(watch, 200);
            case WatchAnswer.Refused(ApiAnswer answer) -> new WatchLines(null, answer.code());
        };
    }

    @Override
    public void restart() {
        server.restart();
    }

    @Override
    public void compactAndRestart() {
        server.compact();
        server.restart();
    }

    @Override
    public void close() {}

    private record WatchLines(@Nullable ServerWatch watch, int code) implements Lines {
        @Override
        public @Nullable String next() {
            return watch == null ? null : text(watch.poll());
        }

        @Override
        public @Nullable String bookmark() {
            return watch == null ? null : text(watch.bookmark());
        }

        @Override
        public boolean staysSilent() {
            return watch == null || watch.poll() == null;
        }

        @Override
        public void close() {
            if (watch != null) {
                watch.close();
            }
        }

        private static @Nullable String text(byte @Nullable [] line) {
            return line == null ? null : new String(line, UTF_8);
        }
    }
}
