package dev.taskqueue.operator.simulation.world;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.taskqueue.operator.simulation.world.PersonAction.Send;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The cluster before the first Task: namespaces, Services with endpoints, accounts, Secrets, and queues of many kinds. */
final class ClusterDeck {
    static final String API = "/apis/taskqueue.dev/v1beta1/namespaces/";
    /** The queues of each namespace. Some send their dead letters to {@code dead}. */
    static final List<String> QUEUES =
            List.of("fast", "slow", "narrow", "strict", "letters", "stubborn", "shared", "gone", "dead");

    private final SplittableRandom random;

    ClusterDeck(SplittableRandom random) {
        this.random = random;
    }

    List<PersonAction> actions() {
        var actions = new ArrayList<PersonAction>();
        actions.add(create(Duration.ZERO, "/api/v1/namespaces", "v1", "Namespace", "taskqueue-system", "{}"));
        for (String namespace : Deck.NAMESPACES) {
            actions.addAll(namespace(namespace, Duration.ZERO));
            QUEUES.forEach(queue -> actions.add(queue(namespace, queue, Duration.ZERO)));
        }
        return actions;
    }

    /** A namespace with all that queues and Tasks refer to. */
    static List<PersonAction> namespace(String namespace, Duration at) {
        var actions = new ArrayList<PersonAction>();
        actions.add(create(at, "/api/v1/namespaces", "v1", "Namespace", namespace, "{}"));
        String core = "/api/v1/namespaces/" + namespace;
        actions.addAll(services(namespace, at));
        actions.add(create(at, core + "/serviceaccounts", "v1", "ServiceAccount", "caller", "{}"));
        actions.add(create(at, core + "/secrets", "v1", "Secret", "payload", "{\"data\":{\"body\":\"eyJhIjoxfQ==\"}}"));
        actions.add(create(at, core + "/configmaps", "v1", "ConfigMap", "payload", "{\"data\":{\"body\":\"{}\"}}"));
        return actions;
    }

    static List<PersonAction> services(String namespace, Duration at) {
        int net = namespace.equals(Deck.SHOP) ? 1 : 2;
        return List.of(
                service(
                        namespace,
                        "worker",
                        "\"clusterIP\":\"10.96.%d.10\",\"clusterIPs\":[\"10.96.%d.10\"],".formatted(net, net),
                        at),
                slice(namespace, "worker", "10.244.%d.10".formatted(net), at),
                service(namespace, "pods", "\"clusterIP\":\"None\",\"clusterIPs\":[\"None\"],", at),
                slice(namespace, "pods", "10.244.%d.20".formatted(net), at));
    }

    private static PersonAction service(String namespace, String name, String address, Duration at) {
        return create(
                at, "/api/v1/namespaces/" + namespace + "/services", "v1", "Service", name, """
                {"spec":{%s"type":"ClusterIP","ports":[{"name":"http","port":80,"targetPort":8080,"protocol":"TCP"}]}}""".formatted(address));
    }

    private static PersonAction slice(String namespace, String service, String address, Duration at) {
        return create(
                at,
                "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/endpointslices",
                "discovery.k8s.io/v1",
                "EndpointSlice",
                service + "-1",
                """
                {"metadata":{"labels":{"kubernetes.io/service-name":"%s"}},"addressType":"IPv4",
                 "endpoints":[{"addresses":["%s"],"conditions":{"ready":true}}],
                 "ports":[{"name":"http","port":8080,"protocol":"TCP"}]}""".formatted(service, address));
    }

    PersonAction queue(String namespace, String name, Duration at) {
        return create(at, API + namespace + "/taskqueues", "taskqueue.dev/v1beta1", "TaskQueue", name, spec(name));
    }

    private String spec(String name) {
        return switch (name) {
            case "slow" -> """
                {"spec":{"rateLimits":{"maxDispatchesPerSecond":"%d","maxBurstSize":%d},"retry":%s,"retention":{"succeeded":"10s","failed":"60s"}}}""".formatted(random.nextInt(2, 10), random.nextInt(1, 5) * 4, retry());
            case "narrow" -> """
                {"spec":{"rateLimits":{"maxConcurrentDispatches":%d},"retry":%s,"retention":{"succeeded":"5s","failed":"30s"}}}""".formatted(random.nextInt(1, 4), retry());
            case "strict" -> """
                {"spec":{"retry":{"maxAttempts":1},"retention":{"succeeded":"0s","failed":"20s"}}}""";
            case "letters" -> """
                {"spec":{"retry":%s,"deadLetter":{"queueRef":{"name":"dead"}},"retention":{"succeeded":"10s","failed":"300s"}}}""".formatted(retry());
            case "stubborn" -> """
                {"spec":{"retry":{"maxAttempts":-1,"minBackoff":"1s","maxBackoff":"8s"},"retention":{"succeeded":"10s","unfinished":"1h"}}}""";
            case "shared" -> """
                {"spec":{"httpTarget":{"serviceRef":{"name":"worker"},"serviceAccountToken":{"serviceAccountName":"caller"}},"retry":%s,"retention":{"succeeded":"10s","maxSucceeded":20}}}""".formatted(retry());
            case "gone" -> """
                {"spec":{"retry":%s,"throttling":"Disabled","retention":{"succeeded":"0s","failed":"10s"}}}""".formatted(retry());
            case "dead" -> """
                {"spec":{"retry":{"maxAttempts":3,"minBackoff":"1s"},"retention":{"succeeded":"60s","failed":"60s"}}}""";
            default -> """
                {"spec":{"retry":%s,"retention":{"succeeded":"%ds","failed":"60s"}}}""".formatted(retry(), random.nextInt(0, 30));
        };
    }

    private String retry() {
        return switch (random.nextInt(4)) {
            case 0 -> """
                {"maxAttempts":3,"minBackoff":"0.5s","maxBackoff":"4s"}""".replace("0.5s", "500ms");
            case 1 -> """
                {"maxAttempts":5,"minBackoff":"1s","maxBackoff":"10s","maxDoublings":1}""";
            case 2 -> """
                {"maxAttempts":4,"minBackoff":"200ms","maxBackoff":"2s","jitterPercent":50}""";
            default -> """
                {"maxAttempts":6,"maxRetryDuration":"20s","giveUp":"WhenEither","minBackoff":"1s","maxBackoff":"5s","nonRetryableStatusCodes":[404]}""";
        };
    }

    static Send create(Duration at, String collection, String apiVersion, String kind, String name, String rest) {
        ObjectNode object = Trees.parse(rest);
        object.put("apiVersion", apiVersion).put("kind", kind);
        object.withObject("/metadata").put("name", name);
        return Send.create(at, collection, object);
    }
}
