package dev.taskqueue.gateway.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.CloudTasksGrpc;
import com.google.cloud.tasks.v2.CloudTasksGrpc.CloudTasksBlockingStub;
import com.google.cloud.tasks.v2.CloudTasksGrpc.CloudTasksStub;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.ListTasksRequest;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.ByteString;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.cluster.ClusterRequest;
import dev.taskqueue.gateway.cluster.OkHttpClusterTransport;
import dev.taskqueue.gateway.mapping.ObjectJson;
import dev.taskqueue.gateway.testing.GroupedTasks;
import dev.taskqueue.gateway.testing.RealCluster;
import dev.taskqueue.gateway.testing.TestCertificate;
import dev.taskqueue.gateway.testing.TestGateway;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The numbers of the gateway, each beside a loop that posts the same objects to the same API server without it. Rounds of both take turns, and
 * ratios are medians of rounds, because the machine is never the same for long.
 */
@Requires(Prerequisite.CONTROL_PLANE)
class GatewayBench {
    private static final int ROUNDS = Integer.getInteger("bench.gateway.rounds", 5);
    private static final Duration ROUND = Duration.ofSeconds(Integer.getInteger("bench.gateway.seconds", 6));
    private static final int LISTED = Integer.getInteger("bench.gateway.tasks", 10_000);
    private static final List<Integer> IN_FLIGHT = Arrays.stream(
                    System.getProperty("bench.gateway.flights", "64,128,256").split(",", -1))
            .map(Integer::valueOf)
            .toList();
    private static final int WORKERS = 8;
    private static final int CONNECTIONS = 8;
    private static final String QUEUE = TestGateway.PARENT + "/queues/orders";
    private static final String BODY = "x".repeat(300);
    private static final String TASKS = "/apis/taskqueue.dev/v1beta1/namespaces/shop/tasks";

    @TempDir
    private Path folder;

    private final AtomicLong names = new AtomicLong();

    @Test
    void theGatewayBesideABareLoop() throws Exception {
        try (RealCluster cluster = RealCluster.forBench()) {
            for (String queue : List.of("orders", "imports")) {
                cluster.apply("{apiVersion: taskqueue.dev/v1beta1, kind: TaskQueue, metadata: {name: " + queue
                        + ", namespace: shop}}");
            }
            TestCertificate.create().writeTo(folder);
            Files.writeString(folder.resolve("mapping.yaml"), GroupedTasks.MAPPING);
            Path kubeconfig = cluster.gatewayKubeconfig(folder.resolve("kubeconfig"));
            List<Integer> ports = freePorts();
            List<String> more = List.of(
                            System.getProperty("bench.gateway.jvm", "").split(" ", -1))
                    .stream()
                    .filter(flag -> !flag.isEmpty())
                    .toList();
            try (var gateway = new GatewayProcess(kubeconfig, folder, ports.get(0), ports.get(1), more);
                    var bare = cluster.transportOf("shop", "admin")) {
                line("start to ready", millis(gateway.startToReady()), "must 2000, aim 1000");
                String token = cluster.tokenFor("shop", "admin", TestGateway.AUDIENCE);
                List<ManagedChannel> channels = new ArrayList<>();
                try {
                    for (int i = 0; i < CONNECTIONS; i++) {
                        channels.add(channel(ports.getFirst()));
                    }
                    measure(
                            cluster,
                            gateway,
                            bare,
                            CloudTasksGrpc.newBlockingStub(channels.getFirst()).withInterceptors(bearer(token)));
                    groups(
                            gateway,
                            bare,
                            channels.stream()
                                    .map(channel ->
                                            CloudTasksGrpc.newStub(channel).withInterceptors(bearer(token)))
                                    .toList());
                } finally {
                    channels.forEach(ManagedChannel::shutdownNow);
                }
            }
        }
    }

    private ManagedChannel channel(int port) throws IOException {
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(folder.resolve("tls.crt").toFile())
                        .build())
                .build();
    }

    /** Many calls in flight for a queue whose unnamed tasks become items of TaskBatches. */
    private void groups(GatewayProcess gateway, OkHttpClusterTransport bare, List<CloudTasksStub> connections)
            throws Exception {
        CreateTaskRequest request = request(GroupedTasks.QUEUE);
        FlightLoop.run(IN_FLIGHT.getLast(), ROUND, connections, request);
        for (int inFlight : IN_FLIGHT) {
            double[] rates = new double[ROUNDS];
            double[] bareRates = new double[ROUNDS];
            long cpu = 0;
            long creates = 0;
            double posts = 0;
            for (int round = 0; round < ROUNDS; round++) {
                bareRates[round] =
                        CreateLoop.run(WORKERS, ROUND, () -> post(bare)).perSecond();
                double postsBefore = posts(gateway);
                long cpuBefore = gateway.cpu().toMillis();
                FlightLoop.Result result = FlightLoop.run(inFlight, ROUND, connections, request);
                cpu += gateway.cpu().toMillis() - cpuBefore;
                posts += posts(gateway) - postsBefore;
                creates += result.count();
                rates[round] = result.perSecond();
            }
            String what = "in groups, " + inFlight + " calls in flight: ";
            line(what + "creates/s", median(rates), "must 3000, aim 5000; bare loop: " + number(median(bareRates)));
            line(what + "CPU of the gateway per create, ms", (double) cpu / creates, "");
            line(what + "API requests per create", posts / creates, "");
        }
        line("memory at most after the groups, MB", (double) gateway.peakMegabytes(), "must 192, aim 128");
    }

    /** What the gateway wrote so far. */
    private static double posts(GatewayProcess gateway) throws IOException {
        return gateway.counter("api_requests_total", "POST") - gateway.counter("token_reviews_total", "");
    }

    private static List<Integer> freePorts() throws IOException {
        try (var first = new ServerSocket(0);
                var second = new ServerSocket(0)) {
            return List.of(first.getLocalPort(), second.getLocalPort());
        }
    }

    private void measure(
            RealCluster cluster, GatewayProcess gateway, OkHttpClusterTransport bare, CloudTasksBlockingStub stub)
            throws Exception {
        CreateLoop.Create byGateway = () -> stub.createTask(request(QUEUE));
        CreateLoop.Create byHand = () -> post(bare);
        // Both are warm before anything counts.
        CreateLoop.run(WORKERS, ROUND, byHand);
        CreateLoop.run(WORKERS, ROUND, byGateway);

        double requestsBefore = posts(gateway);
        double reviewsBefore = gateway.counter("token_reviews_total", "");
        long cpu = 0;
        long creates = 0;
        double[] rates = new double[ROUNDS];
        double[] bareRates = new double[ROUNDS];
        double[] ratios = new double[ROUNDS];
        long began = System.nanoTime();
        for (int round = 0; round < ROUNDS; round++) {
            bareRates[round] = CreateLoop.run(WORKERS, ROUND, byHand).perSecond();
            long cpuBefore = gateway.cpu().toMillis();
            CreateLoop loop = CreateLoop.run(WORKERS, ROUND, byGateway);
            cpu += gateway.cpu().toMillis() - cpuBefore;
            creates += loop.count();
            rates[round] = loop.perSecond();
            ratios[round] = rates[round] / bareRates[round];
        }
        double minutes = Math.max(1, (System.nanoTime() - began) / 60e9);
        double reviews = gateway.counter("token_reviews_total", "") - reviewsBefore;
        double requests = posts(gateway) - requestsBefore;
        line("creates/s by 8 gRPC streams", median(rates), "bare loop: " + number(median(bareRates)));
        line("... against the bare loop", median(ratios), "must 0.70, aim 0.85");
        line("CPU of the gateway per create, ms", (double) cpu / creates, "must 1.0, aim 0.6");
        line("API requests per create", requests / creates, "must 1.00");
        line("TokenReviews per token and minute", reviews / minutes, "must 1");
        line("memory at most, MB", (double) gateway.peakMegabytes(), "must 192, aim 128");
        latency(byGateway, byHand);
        kubectl(cluster, median(rates));
        list(stub, bare);
    }

    private static void latency(CreateLoop.Create byGateway, CreateLoop.Create byHand) throws Exception {
        double[] middles = new double[ROUNDS];
        double[] tails = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            CreateLoop without = CreateLoop.run(1, ROUND, byHand);
            CreateLoop with = CreateLoop.run(1, ROUND, byGateway);
            middles[round] = with.millis(0.5) - without.millis(0.5);
            tails[round] = with.millis(0.99) - without.millis(0.99);
        }
        line("added latency with one worker, p50, ms", median(middles), "must 2, aim 1");
        line("added latency with one worker, p99, ms", median(tails), "must 15, aim 5");
    }

    private void kubectl(RealCluster cluster, double rate) throws Exception {
        double[] millis = new double[10];
        for (int i = 0; i < millis.length; i++) {
            Path file = Files.write(folder.resolve("task.json"), ObjectJson.write(object()));
            long began = System.nanoTime();
            cluster.kubectl("create", "-f", file.toString());
            millis[i] = (System.nanoTime() - began) / 1e6;
        }
        line("kubectl create of one Task, ms", median(millis), "");
        line("creates/s against one kubectl create per Task", rate * median(millis) / 1000, "must 25, aim 40");
    }

    private void list(CloudTasksBlockingStub stub, OkHttpClusterTransport bare) throws Exception {
        var left = new AtomicLong(LISTED - count(bare));
        while (left.get() > 0) {
            CreateLoop.run(WORKERS, Duration.ofSeconds(2), () -> {
                if (left.decrementAndGet() >= 0) {
                    post(bare);
                }
            });
        }
        double[] millis = new double[9];
        double[] without = new double[millis.length];
        ListTasksRequest page = ListTasksRequest.newBuilder()
                .setParent(QUEUE)
                .setPageSize(1_000)
                .build();
        for (int i = 0; i < millis.length; i++) {
            long began = System.nanoTime();
            get(bare, TASKS + "?limit=1000&fieldSelector=spec.queueRef.name%3Dorders");
            long between = System.nanoTime();
            if (stub.listTasks(page).getTasksCount() != 1_000) {
                throw new IllegalStateException("a page is not full");
            }
            without[i] = (between - began) / 1e6;
            millis[i] = (System.nanoTime() - between) / 1e6;
        }
        line("ListTasks of 1,000 of " + LISTED + ", ms", median(millis), "must 400, aim 200");
        line("... and the bare list", median(without), "");
    }

    private static long count(OkHttpClusterTransport bare) throws Exception {
        ClusterReply first = get(bare, TASKS + "?limit=1");
        return 1 + first.body().path("metadata").path("remainingItemCount").asLong();
    }

    private static ClusterReply get(OkHttpClusterTransport bare, String path) throws Exception {
        return bare.send(new ClusterRequest("GET", path, "", null, null, Duration.ofMinutes(1)));
    }

    private void post(OkHttpClusterTransport bare) throws Exception {
        ClusterReply reply = bare.send(new ClusterRequest(
                "POST", TASKS + "?fieldValidation=Strict", ClusterRequest.JSON, object(), null, Duration.ofMinutes(1)));
        if (!reply.isOk()) {
            throw new IllegalStateException("the API server answers " + reply.code() + ": " + reply.message());
        }
    }

    /** What the gateway writes for {@link #request}. */
    private ObjectNode object() {
        ObjectNode object = ObjectJson.object();
        object.put("apiVersion", "taskqueue.dev/v1beta1").put("kind", "Task");
        ObjectNode metadata = object.putObject("metadata");
        metadata.put("name", "bare-" + names.incrementAndGet()).put("namespace", "shop");
        metadata.putObject("annotations")
                .put("taskqueue.dev/key", UUID.randomUUID().toString())
                .put("gateway.taskqueue.dev/request", UUID.randomUUID().toString())
                .put("gateway.taskqueue.dev/url", "http://order-worker.shop.svc:8080/tasks/invoice");
        ObjectNode spec = object.putObject("spec");
        spec.putObject("queueRef").put("name", "orders");
        ObjectNode http = spec.putObject("httpRequest");
        http.putObject("serviceRef").put("name", "order-worker").put("port", 8080);
        http.put("scheme", "HTTP").put("path", "/tasks/invoice").put("method", "POST");
        http.putObject("headers").put("Content-Type", "text/plain");
        http.put("body", BODY);
        return object;
    }

    private static CreateTaskRequest request(String queue) {
        return CreateTaskRequest.newBuilder()
                .setParent(queue)
                .setTask(Task.newBuilder()
                        .setHttpRequest(HttpRequest.newBuilder()
                                .setUrl("http://order-worker.shop.svc:8080/tasks/invoice")
                                .putHeaders("Content-Type", "text/plain")
                                .setBody(ByteString.copyFromUtf8(BODY))))
                .build();
    }

    private static ClientInterceptor bearer(String token) {
        var headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }

    private static double median(double[] values) {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / 1e6;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
    }

    private static void line(String what, double value, String bound) {
        System.out.println("GATEWAY " + what + ": " + number(value) + (bound.isEmpty() ? "" : " (" + bound + ")"));
    }
}
