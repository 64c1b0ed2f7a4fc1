package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.oracle.Fact;
import dev.taskqueue.operator.simulation.apiserver.ApiAnswer;
import dev.taskqueue.operator.simulation.apiserver.ApiRequest;
import dev.taskqueue.operator.simulation.apiserver.SimulatedApiServer;
import dev.taskqueue.operator.simulation.apiserver.WatchAnswer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The way from processes to the API server, and the state of both. A request takes some time to the server, which carries it out at one instant, and
 * some time back.
 */
final class Network {
    private static final Duration SHORTEST = Duration.ofNanos(200_000);
    private static final Duration LONGEST = Duration.ofMillis(2);
    /** One request in so many takes much longer, as it does beside a garbage collection of the server. */
    private static final int OUTLIERS = 200;

    private static final Duration OUTLIER = Duration.ofMillis(60);

    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final SimulatedApiServer server;
    private final Set<String> partitioned = new HashSet<>();
    /** A namespace of which nobody may see anything any more. */
    static final String FORBIDDEN = "offboarded";

    private final Set<String> refusedNamespaces = new HashSet<>();
    private final Set<String> conflictNamespaces = new HashSet<>();
    private final Set<String> hangingNamespaces = new HashSet<>();
    private final List<SimulatedWatch> watches = new ArrayList<>();
    /** The connections to workers that processes without a network want to open. */
    private final Map<String, List<Runnable>> dials = new HashMap<>();
    /** How often all connections of a process broke. */
    private final Map<String, Integer> breaks = new HashMap<>();

    private int breaksOfAll;
    /** How many faults have stopped the server. It starts again after the last of them. */
    private int stops;
    /** A server that has just started refuses everything for a moment, until it has read the permissions. */
    private boolean isStarting;

    private final Duration distance;
    private boolean refusesWrites;
    private Duration slowness = Duration.ZERO;
    private Duration lagOfWatches = Duration.ZERO;
    /** When the request was sent that the server carries out now. */
    private long sentAt;
    /** Whether the answer of the last request is lost. */
    private boolean answerLost;

    private final Consumer<Fact> facts;

    /** @param distance how much longer each request to the API server is on its way, in one direction */
    Network(
            Scheduler scheduler,
            RandomGenerator random,
            SimulatedApiServer server,
            Duration distance,
            Consumer<Fact> facts) {
        this.distance = distance;
        this.facts = facts;
        this.scheduler = scheduler;
        this.random = random;
        this.server = server;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    /** A process has got the answer that its object can never be created. */
    void refusedForGood(Step step, byte[] body) {
        if (step == Step.CreateBatch || step == Step.CreateDeadLetter) {
            JsonNode object = Trees.parse(new String(body, StandardCharsets.UTF_8));
            JsonNode metadata = object.path("metadata");
            facts.accept(new Fact.Refused(
                    SimulatedProcess.START.plusNanos(scheduler.now()),
                    object.path("kind").asText(),
                    metadata.path("namespace").asText(),
                    metadata.path("name").asText()));
        }
    }

    /** How long a request to the API server is on its way, in one direction. */
    Duration latency() {
        return latencyToWorkers().plus(distance).plus(slowness);
    }

    /** How long a request to a worker is on its way, in one direction. */
    Duration latencyToWorkers() {
        return random.nextInt(OUTLIERS) == 0 ? between(LONGEST, OUTLIER) : between(SHORTEST, LONGEST);
    }

    Duration between(Duration shortest, Duration longest) {
        return shortest.plusNanos(
                random.nextLong(Math.max(1, longest.minus(shortest).toNanos())));
    }

    /** Whether a connection from this process fails at once. */
    boolean refuses(String process) {
        return stops > 0 || partitioned.contains(process);
    }

    /** Carries out a request right now. */
    ApiAnswer handle(ApiRequest request, long sent) {
        sentAt = sent;
        answerLost = false;
        if (isStarting) {
            return ApiAnswer.refusal(403, "Forbidden", "the permissions are not known yet");
        }
        if (refusesWrites && !request.method().equals("GET")) {
            refused(request, 429);
            return ApiAnswer.refusal(429, "TooManyRequests", "please try again later");
        }
        if (!request.method().equals("GET") && isWriteIn(refusedNamespaces, request.path())) {
            refused(request, 403);
            return ApiAnswer.refusal(403, "Forbidden", "a policy of this namespace refuses it");
        }
        if (!request.method().equals("GET") && isWriteIn(conflictNamespaces, request.path())) {
            refused(request, 409);
            return ApiAnswer.refusal(409, "Conflict", "a webhook finds that somebody else has changed it");
        }
        return isIn(FORBIDDEN, request) ? forbidden() : server.handle(request);
    }

    /** The answer of the request that the server carries out now reaches nobody. */
    void loseAnswer() {
        answerLost = true;
    }

    /** Whether the answer of the request that was carried out last is lost. */
    boolean isAnswerLost() {
        return answerLost;
    }

    private static boolean isIn(String namespace, ApiRequest request) {
        return request.path().contains("/namespaces/" + namespace + "/");
    }

    private static ApiAnswer forbidden() {
        return ApiAnswer.refusal(403, "Forbidden", "there is no RoleBinding in this namespace");
    }

    private static boolean isWriteIn(Set<String> namespaces, String path) {
        return !namespaces.isEmpty()
                && (path.contains("/tasks") || path.contains(Step.BATCHES))
                && isIn(namespaces, path);
    }

    private static boolean isIn(Set<String> namespaces, String path) {
        return namespaces.stream().anyMatch(namespace -> path.contains("/namespaces/" + namespace + "/"));
    }

    private void refused(ApiRequest request, int code) {
        if (request.method().equals("POST")) {
            // Its path names no object: many may be created at once.
            return;
        }
        facts.accept(new Fact.WriteRefused(
                SimulatedProcess.START.plusNanos(scheduler.now()), request.user(), request.path(), code));
    }

    /** Whether nobody ever answers this read. */
    boolean hangs(String path) {
        return !hangingNamespaces.isEmpty()
                && (path.contains("/secrets/") || path.contains("/configmaps/"))
                && isIn(hangingNamespaces, "/" + path);
    }

    long sentAt() {
        return sentAt;
    }

    WatchAnswer watch(ApiRequest request) {
        if (isStarting) {
            return new WatchAnswer.Refused(ApiAnswer.refusal(403, "Forbidden", "the permissions are not known yet"));
        }
        return isIn(FORBIDDEN, request) ? new WatchAnswer.Refused(forbidden()) : server.watch(request);
    }

    /** An opened watch, to be broken when the connection breaks. */
    void opened(SimulatedWatch watch) {
        watches.add(watch);
    }

    void closed(SimulatedWatch watch) {
        watches.remove(watch);
    }

    /** How often the connections of a process broke. If that changes while one is opened, that one is lost too. */
    int breaks(String process) {
        return breaksOfAll + breaks.getOrDefault(process, 0);
    }

    private void cutWatches(@Nullable String process) {
        if (process == null) {
            breaksOfAll++;
        } else {
            breaks.merge(process, 1, Integer::sum);
        }
        for (SimulatedWatch watch : List.copyOf(watches)) {
            if (process == null || watch.isOf(process)) {
                watch.cut();
            }
        }
    }

    void partition(String process) {
        partitioned.add(process);
        cutWatches(process);
    }

    void heal(String process) {
        partitioned.remove(process);
        dials.getOrDefault(process, List.of()).forEach(Runnable::run);
        dials.remove(process);
    }

    /** Opens a connection to a worker, at once or when the network is back. */
    void dial(String process, Runnable open) {
        if (partitioned.contains(process)) {
            dials.computeIfAbsent(process, key -> new ArrayList<>()).add(open);
        } else {
            open.run();
        }
    }

    void stopServer() {
        stops++;
        cutWatches(null);
    }

    void startServer() {
        if (--stops > 0) {
            return;
        }
        server.restart();
        isStarting = true;
        scheduler.after(between(Duration.ofMillis(20), Duration.ofSeconds(1)), () -> isStarting = false);
    }

    void slowDown(Duration by) {
        slowness = by;
    }

    void refuseWrites(boolean now) {
        refusesWrites = now;
    }

    /** From now on all watches show everything so much later. */
    void delayWatches(Duration by) {
        lagOfWatches = by;
    }

    Duration lagOfWatches() {
        return lagOfWatches;
    }

    void conflictIn(String namespace) {
        conflictNamespaces.add(namespace);
    }

    void noConflictIn(String namespace) {
        conflictNamespaces.remove(namespace);
    }

    void hangReads(String namespace) {
        hangingNamespaces.add(namespace);
    }

    void answerReads(String namespace) {
        hangingNamespaces.remove(namespace);
    }

    void refuseNamespace(String namespace) {
        refusedNamespaces.add(namespace);
    }

    void allowNamespace(String namespace) {
        refusedNamespaces.remove(namespace);
    }

    /** Makes a request of the server out of a path with its query. */
    static ApiRequest request(String user, String method, String pathAndQuery, Form form, byte[] body) {
        int query = pathAndQuery.indexOf('?');
        String path = "/" + (query < 0 ? pathAndQuery : pathAndQuery.substring(0, query));
        return new ApiRequest(
                user,
                method,
                path,
                query < 0 ? Map.of() : query(pathAndQuery.substring(query + 1)),
                form.accept(),
                form.contentType(),
                body);
    }

    /** The media types of a request. */
    record Form(String accept, String contentType) {}

    private static Map<String, String> query(String text) {
        var parameters = new java.util.LinkedHashMap<String, String>();
        for (String parameter : text.split("&", -1)) {
            int equals = parameter.indexOf('=');
            parameters.put(
                    equals < 0 ? parameter : parameter.substring(0, equals),
                    equals < 0
                            ? ""
                            : java.net.URLDecoder.decode(parameter.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return parameters;
    }
}
