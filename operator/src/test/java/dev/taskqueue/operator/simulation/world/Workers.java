package dev.taskqueue.operator.simulation.world;

import dev.taskqueue.operator.dispatch.OutboundRequest;
import dev.taskqueue.operator.oracle.Fact;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * All workers of the cluster. What a worker does with a request stands in its path: {@code /ok}, {@code /fail/2/503} (twice, then 200), {@code
 * /status/500}, {@code /slow/3000} (milliseconds), {@code /hang}, {@code /cut}, {@code /odd} (something at random each time), {@code /stop} (500 with
 * {@code TaskQueue-No-Retry}), {@code /pause/20} (429 once with {@code Retry-After}).
 */
final class Workers {
    private static final Duration QUICKEST = Duration.ofMillis(1);
    private static final Duration USUAL = Duration.ofMillis(40);
    private static final Duration FOREVER = Duration.ofDays(1);
    private static final int OK = 200;
    private static final Pattern SEPARATOR = Pattern.compile("[/?]");

    private final Network network;
    private final RandomGenerator random;
    private final Consumer<Fact> facts;
    private final Map<String, Integer> seen = new HashMap<>();
    private long requests;
    private boolean refuses;
    private boolean hangs;

    /**
     * What a worker does.
     *
     * @param after how long it takes
     * @param code 0 = it closes the connection without an answer
     */
    record Reaction(Duration after, int code, Optional<Duration> retryAfter, boolean noRetry) {
        static Reaction of(Duration after, int code) {
            return new Reaction(after, code, Optional.empty(), false);
        }
    }

    Workers(Network network, RandomGenerator random, Consumer<Fact> facts) {
        this.network = network;
        this.random = random;
        this.facts = facts;
    }

    Network network() {
        return network;
    }

    void refuse(boolean now) {
        refuses = now;
    }

    void hang(boolean now) {
        hangs = now;
    }

    boolean isRefusing() {
        return refuses;
    }

    /** A whole request has arrived. Returns its number, and what the worker does. */
    Arrival receive(String process, @Nullable Instant senderTime, OutboundRequest request) {
        long id = ++requests;
        var headers = new LinkedHashMap<String, String>();
        request.headers().forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), value));
        facts.accept(new Fact.Received(
                now(),
                process,
                senderTime,
                id,
                request.method(),
                request.path(),
                headers,
                request.body().length,
                Arrays.hashCode(request.body())));
        String task = headers.getOrDefault("idempotency-key", "");
        return new Arrival(id, hangs ? Reaction.of(FOREVER, 0) : reaction(request.path(), task));
    }

    record Arrival(long id, Reaction reaction) {}

    /** The worker has done its part. */
    void answered(long id, Reaction reaction) {
        facts.accept(new Fact.Answered(
                now(), id, reaction.code(), reaction.retryAfter().orElse(Duration.ZERO)));
    }

    private Instant now() {
        return SimulatedProcess.START.plusNanos(network.scheduler().now());
    }

    private Reaction reaction(String path, String task) {
        String[] words = SEPARATOR.split(path, -1);
        Duration soon = network.between(QUICKEST, USUAL);
        return switch (words[1]) {
            case "fail" ->
                Reaction.of(
                        soon,
                        seen.merge(task, 1, Integer::sum) <= Integer.parseInt(words[2])
                                ? Integer.parseInt(words[3])
                                : OK);
            case "status" -> Reaction.of(soon, Integer.parseInt(words[2]));
            case "slow" -> Reaction.of(Duration.ofMillis(Long.parseLong(words[2])), OK);
            case "hang" -> Reaction.of(FOREVER, 0);
            case "cut" -> Reaction.of(soon, seen.merge(task, 1, Integer::sum) == 1 ? 0 : OK);
            case "stop" -> new Reaction(soon, 500, Optional.empty(), true);
            case "pause" ->
                seen.merge(task, 1, Integer::sum) == 1
                        ? new Reaction(soon, 429, Optional.of(Duration.ofSeconds(Long.parseLong(words[2]))), false)
                        : Reaction.of(soon, OK);
            case "odd" -> odd(soon);
            default -> Reaction.of(soon, OK);
        };
    }

    private Reaction odd(Duration soon) {
        return switch (random.nextInt(8)) {
            case 0 -> Reaction.of(soon, 0);
            case 1 -> Reaction.of(soon, 503);
            case 2 -> Reaction.of(soon, 404);
            case 3 -> Reaction.of(network.between(USUAL, Duration.ofSeconds(8)), OK);
            default -> Reaction.of(soon, OK);
        };
    }
}
