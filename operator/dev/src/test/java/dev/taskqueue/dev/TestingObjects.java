package dev.taskqueue.dev;

import dev.taskqueue.operator.api.Task;
import dev.taskqueue.operator.api.TaskQueue;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** Creates objects as an API server returns them. */
final class TestingObjects {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private TestingObjects() {}

    /** @param status YAML, such as {@code {state: Succeeded}} */
    static Task task(String name, String expect, String status) {
        return YAML.unmarshal("""
                apiVersion: taskqueue.dev/v1beta1
                kind: Task
                metadata: {name: %s, namespace: default, uid: uid-%s, annotations: {taskqueue.dev/expect: %s}}
                spec: {queueRef: {name: orders}}
                status: %s
                """.formatted(name, name, expect, status), Task.class);
    }

    static TaskQueue queue(String name) {
        return YAML.unmarshal("""
                apiVersion: taskqueue.dev/v1beta1
                kind: TaskQueue
                metadata: {name: %s, namespace: default}
                spec: {rateLimits: {maxDispatchesPerSecond: 25, maxConcurrentDispatches: 10}}
                status: {state: Running}
                """.formatted(name), TaskQueue.class);
    }

    static String ended(String state, String reason) {
        return "{state: %s, dispatchCount: 1, lastAttempt: {statusCode: 200}, conditions: [{type: Succeeded, reason: %s}]}"
                .formatted(state, reason);
    }
}
