package dev.taskqueue.gateway.wire;

import com.google.rpc.Code;
import dev.taskqueue.gateway.failure.RpcFailure;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What the gateway does not have, and what to use instead. */
final class UnsupportedMethods {
    private static final Map<String, String> INSTEAD = instead();

    private UnsupportedMethods() {}

    private static Map<String, String> instead() {
        var instead = new LinkedHashMap<String, String>();
        instead.put("v2beta", "This version of the API is not supported; use google.cloud.tasks.v2.");
        instead.put("batch", "Batch calls are not supported; create single tasks, or a TaskBatch.");
        instead.put("buffer", "Buffering tasks is not supported; use CreateTask.");
        instead.put("cmekconfig", "Customer-managed keys are not supported; encrypt the API server's storage.");
        instead.put("operations", "Long-running operations are not supported; no call of the gateway starts one.");
        return instead;
    }

    /** The failure for a method or path that is known and not supported; absent if nobody knows it. */
    static Optional<RpcFailure> of(String name) {
        String small = name.toLowerCase(java.util.Locale.ROOT);
        return INSTEAD.entrySet().stream()
                .filter(entry -> small.contains(entry.getKey()))
                .findFirst()
                .map(entry -> RpcFailure.of(Code.UNIMPLEMENTED, entry.getValue()));
    }
}
