package dev.taskqueue.gateway.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.rpc.Code;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.ops.GatewayMeters;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Sends the requests of calls: within their deadlines, as their callers, and a bounded number of writes at a time. */
public final class ClusterClient {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_REPEATS = Duration.ofSeconds(15);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    /**
     * What an API server that has just started answers before it knows its roles and its storage. After a request that may have been done, such an
     * answer says nothing about that request.
     */
    private static final Set<Integer> STARTING = Set.of(401, 403, 429);

    private final ClusterTransport transport;
    private final Semaphore writes;
    private final GatewayMeters meters;

    /** @param maxWrites the writes in flight at most */
    public ClusterClient(ClusterTransport transport, int maxWrites, GatewayMeters meters) {
        this.transport = transport;
        this.writes = new Semaphore(maxWrites);
        this.meters = meters;
    }

    /**
     * An answer, perhaps to a repeated request.
     *
     * @param repeated whether an earlier request of the same call may have been done, too
     */
    public record Answer(ClusterReply reply, boolean repeated) {}

    /** Reads. */
    public ClusterReply get(CallContext call, String path) {
        return repeating(call, "GET", path, "", null).reply();
    }

    /** Creates an object once. */
    public ClusterReply create(CallContext call, String path, JsonNode object) {
        return write(call, () -> once(call, "POST", path, ClusterRequest.JSON, object));
    }

    /** Creates an object, and repeats that while nobody knows whether it was done; the caller must recognise its own object. */
    public Answer createRepeating(CallContext call, String path, JsonNode object) {
        return write(call, () -> repeating(call, "POST", path, ClusterRequest.JSON, object));
    }

    /** Patches an object; the patch must do no harm when it is done twice. */
    public ClusterReply patch(CallContext call, String path, JsonNode patch) {
        return write(
                call,
                () -> repeating(call, "PATCH", path, ClusterRequest.MERGE_PATCH, patch)
                        .reply());
    }

    /** Deletes an object, or a collection of them. */
    public Answer delete(CallContext call, String path, @Nullable JsonNode options) {
        return write(call, () -> repeating(call, "DELETE", path, ClusterRequest.JSON, options));
    }

    /** Asks a review, which writes nothing. */
    public ClusterReply review(CallContext call, String path, JsonNode review) {
        return repeating(call.own(), "POST", path, ClusterRequest.JSON, review).reply();
    }

    private interface Work<T> {
        T run();
    }

    private <T> T write(CallContext call, Work<T> work) {
        try {
            if (!writes.tryAcquire(longestWait(call).toNanos(), TimeUnit.NANOSECONDS)) {
                throw tooManyWrites();
            }
        } catch (InterruptedException stopping) {
            throw stopping();
        }
        meters.inFlight(1);
        try {
            return work.run();
        } finally {
            meters.inFlight(-1);
            writes.release();
        }
    }

    /** How long a call waits at most until its write may begin. */
    public static Duration longestWait(CallContext call) {
        Duration remaining = call.remaining();
        return remaining.compareTo(LONGEST_WAIT) < 0 ? remaining : LONGEST_WAIT;
    }

    /** The failure of a call that has waited so long. */
    public static RpcFailure tooManyWrites() {
        return RpcFailure.exhausted("The gateway has too many writes in flight; come again later.", 1);
    }

    private Answer repeating(CallContext call, String method, String path, String type, @Nullable JsonNode body) {
        long end = System.nanoTime() + Math.min(call.remaining().toNanos(), LONGEST_REPEATS.toNanos());
        Duration pause = FIRST_PAUSE;
        boolean repeated = false;
        while (true) {
            RpcFailure failure;
            try {
                ClusterReply reply = send(call, method, path, type, body);
                if (isSettled(reply.code(), method, repeated)) {
                    return new Answer(reply, repeated);
                }
                failure = ClusterFailures.of(reply);
            } catch (IOException unreachable) {
                failure = away(call);
            }
            if (System.nanoTime() + pause.toNanos() >= end) {
                throw failure;
            }
            sleep(pause);
            meters.apiRetry();
            repeated = true;
            pause = pause.multipliedBy(2);
        }
    }

    /** Clients of Cloud Tasks do not repeat a read that was throttled, so that is done here. */
    private static boolean isSettled(int code, String method, boolean repeated) {
        boolean throttledRead = code == 429 && method.equals("GET");
        boolean unsure = repeated && STARTING.contains(code);
        return code < 500 && !throttledRead && !unsure;
    }

    private ClusterReply once(CallContext call, String method, String path, String type, @Nullable JsonNode body) {
        try {
            return send(call, method, path, type, body);
        } catch (IOException unreachable) {
            throw away(call);
        }
    }

    private ClusterReply send(CallContext call, String method, String path, String type, @Nullable JsonNode body)
            throws IOException {
        var request = new ClusterRequest(method, path, type, body, call.caller().user(), call.remaining());
        try {
            ClusterReply reply = transport.send(request);
            meters.apiRequest(method, reply.code());
            return reply;
        } catch (IOException unreachable) {
            meters.apiRequest(method, 0);
            throw unreachable;
        }
    }

    /** The text of the exception stays here: it may have the address of the API server. */
    private static RpcFailure away(CallContext call) {
        call.remaining();
        return RpcFailure.of(Code.UNAVAILABLE, "The API server cannot be reached.");
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException stopping) {
            throw stopping();
        }
    }

    /** The failure of a call whose thread is interrupted. */
    public static RpcFailure stopping() {
        Thread.currentThread().interrupt();
        return RpcFailure.of(Code.UNAVAILABLE, "The gateway stops.");
    }
}
