package dev.taskqueue.gateway.wire;

import com.google.protobuf.Message;
import com.google.rpc.Code;
import dev.taskqueue.gateway.auth.Authenticator;
import dev.taskqueue.gateway.calls.Rpc;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.Caller;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.UnknownFieldRules;
import dev.taskqueue.gateway.ops.GatewayMeters;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a method for a caller: authentication first, then the method, within the deadline. It counts each call and logs those that fail. */
public final class CallRunner {
    private static final Logger LOG = LoggerFactory.getLogger(CallRunner.class);

    private final Authenticator authenticator;
    private final Duration longest;
    private final GatewayMeters meters;
    private volatile boolean stopping;

    /** @param longest how long a call may take at most */
    public CallRunner(Authenticator authenticator, Duration longest, GatewayMeters meters) {
        this.authenticator = authenticator;
        this.longest = longest;
        this.meters = meters;
    }

    /** Refuses calls from now on. */
    public void stop() {
        stopping = true;
    }

    /** Reads the request; that comes after the authentication, so that strangers cost little. */
    interface Source {
        Message read();
    }

    /** The caller who sends this header; fails with UNAUTHENTICATED if nobody can be made out. */
    Caller authenticate(@Nullable String authorization) {
        return authenticator.authenticate(authorization);
    }

    /**
     * Runs the method.
     *
     * @param who finds the caller, or fails with UNAUTHENTICATED
     * @param asked how long the caller waits; null if it does not say
     * @param cancelled says whether the caller has gone meanwhile
     */
    Message run(
            Rpc<?, ?> rpc,
            Source request,
            String transport,
            Supplier<Caller> who,
            @Nullable Duration asked,
            BooleanSupplier cancelled) {
        long start = System.nanoTime();
        String code = Code.OK.name();
        Caller caller = null;
        try {
            if (stopping) {
                throw RpcFailure.of(Code.UNAVAILABLE, "The gateway stops.");
            }
            Duration timeout = asked == null || asked.compareTo(longest) > 0 ? longest : asked;
            caller = who.get();
            Message message = request.read();
            UnknownFieldRules.check(message);
            return rpc.run(CallContext.within(caller, timeout, cancelled), message);
        } catch (RpcFailure failure) {
            code = failure.code().name();
            // Sentences may repeat what the caller sent, so the line has none.
            LOG.info("{} over {} by {} ends with {}", rpc.name(), transport, name(caller), code);
            throw failure;
        } catch (RuntimeException fault) {
            code = Code.INTERNAL.name();
            LOG.error("{} over {} by {} failed", rpc.name(), transport, name(caller), fault);
            throw RpcFailure.of(Code.INTERNAL, "The gateway failed; its log says why.");
        } finally {
            meters.request(rpc.name(), transport, code, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    /** Counts and logs a call that was refused before it could run. */
    void refused(Rpc<?, ?> rpc, String transport, RpcFailure failure) {
        String code = failure.code().name();
        LOG.info("{} over {} by {} ends with {}", rpc.name(), transport, name(null), code);
        meters.request(rpc.name(), transport, code, Duration.ZERO);
    }

    private static String name(@Nullable Caller caller) {
        if (caller == null) {
            return "nobody";
        }
        return caller.user() == null ? "the gateway itself" : caller.user();
    }
}
