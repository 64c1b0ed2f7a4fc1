package dev.taskqueue.operator.simulation.apiserver;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The admission policies, by name. Each may refuse a write. */
final class AdmissionPolicies {
    private final Map<String, Function<ApiRequest, @Nullable ApiAnswer>> policies = new LinkedHashMap<>();

    void put(String name, Function<ApiRequest, @Nullable ApiAnswer> policy) {
        policies.put(name, policy);
    }

    void remove(String name) {
        policies.remove(name);
    }

    /** The first refusal; null if the request is allowed. */
    @Nullable ApiAnswer refusal(ApiRequest request) {
        for (Function<ApiRequest, @Nullable ApiAnswer> policy : policies.values()) {
            ApiAnswer refusal = policy.apply(request);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }
}
