package dev.taskqueue.gateway.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.taskqueue.gateway.mapping.ObjectJson;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks the API server what a caller may do, where no request of the caller would tell it. */
public final class AccessReviews {
    private static final String PATH = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    private static final Duration AGE = Duration.ofSeconds(10);
    private static final int MOST = 10_000;

    private final ClusterClient api;
    private final Cache<List<String>, Boolean> answers =
            Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(AGE).build();

    public AccessReviews(ClusterClient api) {
        this.api = api;
    }

    /** Whether the caller may do this to our objects of the namespace; kept for 10 s. The gateway itself may do what it is asked to. */
    public boolean allows(CallContext call, String verb, String resource, String namespace, @Nullable String name) {
        String user = call.caller().user();
        if (user == null) {
            return true;
        }
        List<String> key = List.of(user, verb, resource, namespace, name == null ? "" : name);
        Boolean known = answers.getIfPresent(key);
        if (known != null) {
            return known;
        }
        boolean allowed = ask(call, user, verb, resource, namespace, name);
        answers.put(key, allowed);
        return allowed;
    }

    private boolean ask(
            CallContext call, String user, String verb, String resource, String namespace, @Nullable String name) {
        ObjectNode review = ObjectJson.object();
        review.put("apiVersion", "authorization.k8s.io/v1").put("kind", "SubjectAccessReview");
        ObjectNode spec = review.putObject("spec").put("user", user);
        var groups = spec.putArray("groups");
        call.caller().groups().forEach(groups::add);
        ObjectNode attributes = spec.putObject("resourceAttributes");
        attributes
                .put("group", "taskqueue.dev")
                .put("resource", resource)
                .put("namespace", namespace)
                .put("verb", verb);
        if (name != null) {
            attributes.put("name", name);
        }
        ClusterReply reply = api.review(call, PATH, review);
        if (!reply.isOk()) {
            throw ClusterFailures.of(reply);
        }
        return reply.body().path("status").path("allowed").asBoolean();
    }
}
