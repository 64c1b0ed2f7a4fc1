package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;
import static dev.taskqueue.operator.oracle.Values.text;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a due Task from leaving, as the run shows it: "what never left the operator costs no attempt". Existence of Services, endpoints, accounts, Secrets and
 * ConfigMaps is compared with the run. Permissions, refused targets and the operator's settings cannot be seen from outside, so there the status is believed.
 */
final class Obstacles {
    private final World world;

    Obstacles(World world) {
        this.world = world;
    }

    /** Whether the last fault is long enough ago, and a process leads, so that nothing may wait without an obstacle. */
    boolean judged() {
        return world.faults.last(world.now) < world.now - world.quiet && leads();
    }

    /** Whether a worker may still answer an attempt that an operator waits for. */
    boolean inFlight() {
        for (Request request : world.openRequests.values()) {
            TaskModel task = request.task;
            long deadline = Values.duration(
                    task.spec, "dispatchDeadline", world.queueOf(task).latest().dispatchDeadline());
            if (world.now - world.quiet < Values.plus(request.at, deadline)) {
                return true;
            }
        }
        return false;
    }

    boolean leads() {
        for (ProcessModel process : world.processes.all()) {
            boolean election = world.processes.election();
            if (process.whyNot(world.now, world.now, world.settings.lease().toNanos(), election)
                    .isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** Of its queue or its request; empty if there is none. */
    String of(TaskModel task) {
        QueueModel queue = world.queueOf(task);
        if (!queue.exists) {
            return "no queue";
        }
        if (queue.pauseWished() && queue.holdUntil > world.now - world.quiet) {
            return "paused";
        }
        if (queue.state.equals("Invalid")) {
            return "invalid queue";
        }
        return ofRequest(task);
    }

    String ofRequest(TaskModel task) {
        if (world.objects.changedAt(task.namespace) > world.now - world.quiet) {
            return "an object changed a short time ago";
        }
        return switch (task.status.accepted()) {
            case "TargetRefused", "TokenNotPermitted", "LimitExceeded" -> task.status.accepted();
            case "TargetNotFound", "SourceNotFound" ->
                world.objects.shows("Service") ? byObjects(task) : task.status.accepted();
            default -> {
                boolean believed = task.status.reason().equals("NoReadyEndpoint");
                yield believed && !world.objects.shows("EndpointSlice") ? "no ready endpoint" : byObjects(task);
            }
        };
    }

    private String byObjects(TaskModel task) {
        QueueSpec queue = world.queueOf(task).latest();
        boolean always = "Always".equals(text(queue.httpTarget(), "mode"));
        JsonNode own = child(task.spec, "httpRequest");
        String missing = missing(task.namespace, own, queue.httpTarget(), always);
        return missing.isEmpty() && !exists(own, queue.httpTarget(), task.namespace) ? "source" : missing;
    }

    /** Whether the Service that it names exists, with the port that it names. */
    boolean hasService(TaskModel task) {
        JsonNode target = world.queueOf(task).latest().httpTarget();
        boolean always = "Always".equals(text(target, "mode"));
        JsonNode service = merged(child(task.spec, "httpRequest"), target, "serviceRef", always);
        String name = text(service, "name");
        return world.objects.exists("Service", task.namespace, name)
                && hasPort(task.namespace, name, text(service, "port"));
    }

    private String missing(String namespace, @Nullable JsonNode own, @Nullable JsonNode target, boolean always) {
        JsonNode service = merged(own, target, "serviceRef", always);
        String name = text(service, "name");
        if (name.isEmpty()) {
            return world.objects.shows("Service") ? "no target" : "";
        }
        if (!world.objects.exists("Service", namespace, name) || !hasPort(namespace, name, text(service, "port"))) {
            return "no Service";
        }
        if (!world.objects.hasReadyEndpoint(namespace, name)) {
            return "no ready endpoint";
        }
        String account = text(merged(own, target, "serviceAccountToken", always), "serviceAccountName");
        return account.isEmpty() || world.objects.exists("ServiceAccount", namespace, account) ? "" : "no account";
    }

    private boolean hasPort(String namespace, String service, String port) {
        return port.isEmpty() || world.objects.has("Service", namespace, service, port);
    }

    private static @Nullable JsonNode merged(
            @Nullable JsonNode own, @Nullable JsonNode target, String field, boolean always) {
        JsonNode first = child(always ? target : own, field);
        return first == null ? child(always ? own : target, field) : first;
    }

    /** Every Secret and ConfigMap that either side names. */
    private boolean exists(@Nullable JsonNode own, @Nullable JsonNode target, String namespace) {
        return secretHeaders(own, namespace)
                && secretHeaders(target, namespace)
                && reference(child(own, "bodyFrom"), namespace)
                && reference(child(child(own, "tls"), "caFrom"), namespace)
                && reference(child(child(target, "tls"), "caFrom"), namespace);
    }

    private boolean secretHeaders(@Nullable JsonNode request, String namespace) {
        JsonNode headers = child(request, "secretHeaders");
        if (headers != null) {
            for (JsonNode header : headers) {
                if (!key("Secret", child(header, "secretKeyRef"), namespace)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean reference(@Nullable JsonNode from, String namespace) {
        return key("Secret", child(from, "secretKeyRef"), namespace)
                && key("ConfigMap", child(from, "configMapKeyRef"), namespace);
    }

    private boolean key(String kind, @Nullable JsonNode reference, String namespace) {
        return reference == null || world.objects.has(kind, namespace, text(reference, "name"), text(reference, "key"));
    }
}
