package dev.taskqueue.gateway.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.cloud.tasks.v2.CloudTasksProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every field of the messages is either mapped or refused or ignored on purpose: a newer version of them fails here until somebody decides. */
class FieldsTest {
    /** Mapped in both directions, or in the one that there is. */
    private static final Map<String, Set<String>> MAPPED = Map.of(
            "Task",
            Set.of("name", "http_request", "app_engine_http_request", "schedule_time", "dispatch_deadline"),
            "HttpRequest",
            Set.of("url", "http_method", "headers", "body", "oidc_token"),
            "OidcToken",
            Set.of("service_account_email", "audience"),
            "AppEngineHttpRequest",
            Set.of("http_method", "app_engine_routing", "relative_uri", "headers", "body"),
            "AppEngineRouting",
            Set.of("service", "version"),
            "Queue",
            Set.of("name", "rate_limits", "retry_config", "app_engine_routing_override", "stackdriver_logging_config"),
            "RateLimits",
            Set.of("max_dispatches_per_second", "max_concurrent_dispatches"),
            "RetryConfig",
            Set.of("max_attempts", "max_retry_duration", "min_backoff", "max_backoff", "max_doublings"),
            "StackdriverLoggingConfig",
            Set.of("sampling_ratio"));

    /** Only in answers; ignored in requests. */
    private static final Map<String, Set<String>> ANSWERED = Map.of(
            "Task",
            Set.of("create_time", "dispatch_count", "response_count", "first_attempt", "last_attempt", "view"),
            "Attempt",
            Set.of("schedule_time", "dispatch_time", "response_time", "response_status"),
            "AppEngineRouting",
            Set.of("host"),
            "Queue",
            Set.of("state", "purge_time"),
            "RateLimits",
            Set.of("max_burst_size"));

    /** A request with one of them is refused. */
    private static final Map<String, Set<String>> REFUSED =
            Map.of("HttpRequest", Set.of("oauth_token"), "AppEngineRouting", Set.of("instance"));

    private static final Set<String> REFUSED_WHOLE = Set.of("OAuthToken");

    @Test
    void everyFieldOfTasksAndQueuesIsAccountedFor() {
        for (Descriptor type : messages()) {
            var known = new TreeSet<String>();
            for (Map<String, Set<String>> list : java.util.List.of(MAPPED, ANSWERED, REFUSED)) {
                known.addAll(list.getOrDefault(type.getName(), Set.of()));
            }
            assertThat(type.getFields().stream().map(FieldDescriptor::getName))
                    .as("fields of %s", type.getName())
                    .containsExactlyInAnyOrderElementsOf(known);
        }
    }

    /** The messages that lie in a task or a queue. */
    private static Set<Descriptor> messages() {
        var found = new java.util.LinkedHashSet<Descriptor>();
        collect(com.google.cloud.tasks.v2.Task.getDescriptor(), found);
        collect(com.google.cloud.tasks.v2.Queue.getDescriptor(), found);
        return found;
    }

    private static void collect(Descriptor type, Set<Descriptor> found) {
        boolean ours = type.getFile().getPackage().equals("google.cloud.tasks.v2");
        if (!ours || type.getOptions().getMapEntry() || REFUSED_WHOLE.contains(type.getName()) || !found.add(type)) {
            return;
        }
        type.getFields().stream()
                .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.MESSAGE)
                .forEach(field -> collect(field.getMessageType(), found));
    }

    @Test
    void theServiceHasTheSixteenMethodsThatAreServed() {
        assertThat(CloudTasksProto.getDescriptor()
                        .findServiceByName("CloudTasks")
                        .getMethods())
                .hasSize(16);
    }
}
