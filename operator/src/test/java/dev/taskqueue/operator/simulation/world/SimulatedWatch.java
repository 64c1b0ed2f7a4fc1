package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.kube.ApiTransport;
import dev.taskqueue.operator.simulation.apiserver.ServerWatch;
import dev.taskqueue.operator.simulation.world.FaultInjector.Hit;
import dev.taskqueue.operator.simulation.world.Step.Phase;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Semaphore;

/**
 * A watch as a process has it. Lines come in their order, each some time after the change. A watch may lag, fall silent without a word, end, or break;
 * it never leaves a change out.
 */
final class SimulatedWatch implements ApiTransport.Watch {
    private static final Duration BOOKMARK_EVERY = Duration.ofMinutes(1);
    private static final Duration LAST_BOOKMARK = Duration.ofSeconds(2);
    private static final int LONGEST_SECONDS = 300;

    private final SimulatedProcess process;
    private final Network network;
    private final FaultInjector faults;
    private final ServerWatch server;
    private final Terms terms;
    private final Queue<byte[]> arrived = new ArrayDeque<>();
    private final Semaphore news = new Semaphore(0);
    private long lastArrivalAt;
    private Duration lag = Duration.ZERO;
    private boolean isSilent;
    private boolean isEnded;
    private boolean isBroken;

    /**
     * What was asked for.
     *
     * @param path with its query
     * @param silence the longest time without data
     */
    record Terms(String path, Duration silence) {
        Duration length() {
            int at = path.indexOf("timeoutSeconds=");
            if (at < 0) {
                return Duration.ofSeconds(LONGEST_SECONDS);
            }
            int end = path.indexOf('&', at);
            return Duration.ofSeconds(Integer.parseInt(path.substring(at + 15, end < 0 ? path.length() : end)));
        }

        boolean wantsBookmarks() {
            return path.contains("allowWatchBookmarks=true");
        }
    }

    SimulatedWatch(SimulatedProcess process, Network network, FaultInjector faults, ServerWatch server, Terms terms) {
        this.process = process;
        this.network = network;
        this.faults = faults;
        this.server = server;
        this.terms = terms;
    }

    boolean isOf(String name) {
        return process.name().equals(name);
    }

    void begin() {
        for (int i = server.pending(); i > 0; i--) {
            changed();
        }
        server.onLine(this::changed);
        Duration length = terms.length();
        if (terms.wantsBookmarks()) {
            bookmark(BOOKMARK_EVERY, false);
            bookmark(length.minus(LAST_BOOKMARK), true);
        }
        network.scheduler().after(length, this::end);
    }

    private void bookmark(Duration after, boolean isLast) {
        network.scheduler().after(after, () -> {
            if (!isOver() && !isSilent) {
                byte[] line = server.bookmark();
                if (line != null) {
                    network.scheduler().at(arrival(), () -> arrive(line));
                }
                if (!isLast) {
                    bookmark(BOOKMARK_EVERY, false);
                }
            }
        });
    }

    /** The server has a line more. */
    private void changed() {
        network.scheduler().at(arrival(), () -> {
            byte[] line = isOver() || isSilent ? null : server.poll();
            if (line != null) {
                arrive(line);
            }
        });
    }

    /** No line overtakes another one. */
    private long arrival() {
        lastArrivalAt = Math.max(
                lastArrivalAt + 1,
                network.scheduler().now()
                        + network.latency()
                                .plus(lag)
                                .plus(network.lagOfWatches())
                                .toNanos());
        return lastArrivalAt;
    }

    private void arrive(byte[] line) {
        if (isOver() || isSilent) {
            return;
        }
        arrived.add(line);
        process.ready(news::release);
    }

    @Override
    public Optional<byte[]> next() throws IOException {
        try {
            while (arrived.isEmpty() && !isOver()) {
                if (!process.threads().acquire(news, terms.silence())) {
                    if (arrived.isEmpty() && !isOver()) {
                        isBroken = true;
                        throw new IOException("timeout: no data");
                    }
                }
            }
        } catch (InterruptedException interrupt) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        byte[] line = isBroken ? null : arrived.poll();
        if (line != null) {
            Hit hit = faults.pass(process, step(line).at(Phase.Delivered));
            return hit == null || !suffer(hit) ? Optional.of(line) : next();
        }
        if (isBroken) {
            throw new IOException("the connection broke");
        }
        return Optional.empty();
    }

    /** Returns whether the line is lost with the connection. A line that was read stays. */
    private boolean suffer(Hit hit) {
        switch (hit.kind()) {
            case CutWatch -> cut();
            case EndWatch -> end();
            case SilenceWatch -> {
                isSilent = true;
                arrived.clear();
            }
            default -> {
                lag = hit.length();
                network.scheduler().after(hit.length(), () -> lag = Duration.ZERO);
            }
        }
        return hit.kind() == Fault.Kind.CutWatch;
    }

    private Step step(byte[] line) {
        if (!terms.path().contains("/tasks")) {
            return terms.path().contains("/leases")
                    ? Step.SeeLeaseChanged
                    : terms.path().contains("taskqueues") ? Step.SeeQueueChanged : Step.SeeServiceChanged;
        }
        // {"type":"ADDED",...
        return switch (line[9]) {
            case 'A' -> Step.SeeTaskAdded;
            case 'M' -> Step.SeeTaskModified;
            case 'D' -> Step.SeeTaskDeleted;
            default -> Step.SeeTaskBookmark;
        };
    }

    private boolean isOver() {
        return isEnded || isBroken;
    }

    private void end() {
        if (!isOver()) {
            isEnded = true;
            leave();
        }
    }

    /** The connection breaks. */
    void cut() {
        if (!isOver()) {
            isBroken = true;
            arrived.clear();
            leave();
        }
    }

    private void leave() {
        server.close();
        network.closed(this);
        process.ready(news::release);
    }

    @Override
    public void cancel() {
        cut();
    }

    @Override
    public void close() {
        end();
    }
}
