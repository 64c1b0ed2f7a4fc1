package dev.taskqueue.operator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Manifests that the tests of all kinds create. */
final class Manifests {
    /** Every field that a user may set, as far as the fields may be used together. */
    static final String FULL_TASK = """
            queueRef: {name: order-tasks}
            scheduleTime: "2026-11-21T09:00:00Z"
            expireTime: "2026-11-22T00:00:00Z"
            dispatchDeadline: 120s
            ttlAfterFinished: 2h
            httpRequest:
              serviceRef: {name: order-worker, port: http}
              scheme: HTTPS
              path: /tasks/invoice?x=1
              method: PUT
              headers: {Content-Type: application/json, X-Empty: ""}
              secretHeaders:
              - {name: X-Api-Key, secretKeyRef: {name: order-worker-key, key: apiKey}}
              bodyFrom: {secretKeyRef: {name: payloads, key: order-4711.json}}
              serviceAccountToken: {serviceAccountName: task-dispatcher, audience: "https://orders.example.com"}
              tls: {caFrom: {configMapKeyRef: {name: company-ca, key: ca.crt}}, serverName: orders.example.com}
            deadLetterOf: {queue: q, task: t, uid: u, reason: RetriesExhausted, attempts: 5, statusCode: 503}
            """;

    static final String FULL_BATCH = """
            queueRef: {name: order-tasks}
            delay: 30s
            expireTime: "2026-11-22T00:00:00Z"
            ttlAfterFinished: 2h
            maxFailed: 10
            template:
              dispatchDeadline: 120s
              httpRequest:
                serviceRef: {name: order-worker, port: http}
                scheme: HTTPS
                path: /invoice
                method: PUT
                headers: {Content-Type: application/json}
                secretHeaders:
                - {name: X-Api-Key, secretKeyRef: {name: order-worker-key, key: apiKey}}
                json: {orderId: null, lines: [1]}
                serviceAccountToken: {serviceAccountName: task-dispatcher}
                tls: {serverName: orders.example.com}
            items:
            - key: o_4711-1
              path: /invoice/4711?x=1
              headers: {Content-Type: text/plain, X-Empty: ""}
              body: order 4711
              scheduleTime: "2026-11-21T09:00:00Z"
            - {bodyBase64: YQ==, delay: 1h}
            - {}
            - deadLetterOf: {queue: q, task: t, uid: u, reason: RetriesExhausted, attempts: 5, statusCode: 503, index: 999}
            onFinished:
              when: Failed
              queueRef: {name: reports}
              dispatchDeadline: 60s
              httpRequest: {serviceRef: {name: reports}, path: /done, json: {a: [1]}}
            """;

    static final String FULL_QUEUE = """
            state: Paused
            rateLimits: {maxDispatchesPerSecond: 500m, maxBurstSize: 10, maxConcurrentDispatches: 10}
            retry:
              maxAttempts: 5
              maxRetryDuration: 1h
              giveUp: WhenEither
              minBackoff: 10s
              maxBackoff: 300s
              maxDoublings: 4
              jitterPercent: 20
              nonRetryableStatusCodes: [400, 404, 410, 422]
            httpTarget:
              mode: Always
              serviceRef: {name: order-worker, port: 8080}
              scheme: HTTP
              path: /tasks
              method: POST
              headers: {Authorization: gives way to a token}
              secretHeaders:
              - {name: X-Api-Key, secretKeyRef: {name: order-worker-key, key: apiKey}}
              serviceAccountToken: {serviceAccountName: task-dispatcher}
              tls: {caFrom: {secretKeyRef: {name: company-ca, key: ca.crt}}}
            dispatchDeadline: 30s
            headerFamilies: [CloudTasks, AppEngine]
            recordResponse: Failures
            throttling: Disabled
            retention: {succeeded: 0s, failed: 720h, maxSucceeded: 0, maxFailed: 1000, unfinished: 24h}
            deadLetter: {queueRef: {name: orders-failed}}
            purgeBefore: "2026-11-20T00:00:00Z"
            """;

    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private Manifests() {}

    /** The spec that the API server must store for a TaskQueue without a spec. */
    static ObjectNode defaultQueue() {
        try (var file = Manifests.class.getResourceAsStream("/crd-defaults.yaml")) {
            return SERIALIZATION.unmarshal(Objects.requireNonNull(file), ObjectNode.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads YAML. Without the first line, text that begins with a brace would be read as JSON. */
    static ObjectNode tree(String yaml) {
        return SERIALIZATION.unmarshal("---\n" + yaml, ObjectNode.class);
    }

    /** An object with the given spec. The API server chooses its name. */
    static GenericKubernetesResource resource(String kind, String spec) {
        return resource(kind, tree(spec));
    }

    static GenericKubernetesResource resource(String kind, Object spec) {
        var object = new GenericKubernetesResource();
        object.setApiVersion("taskqueue.dev/v1beta1");
        object.setKind(kind);
        object.setMetadata(new ObjectMetaBuilder().withGenerateName("it-").build());
        object.setAdditionalProperty("spec", spec);
        return object;
    }
}
