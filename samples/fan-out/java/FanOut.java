import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.taskqueue.client.BatchBuilder;
import dev.taskqueue.client.Creation;
import dev.taskqueue.client.TaskQueueClient;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;

/** {@code FanOut.java send NAME CUSTOMERS}: one request for each customer. {@code FanOut.java worker}: the handlers. */
public final class FanOut {
    private static final ObjectMapper JSON = new ObjectMapper();

    private FanOut() {}

    public static void main(String[] args) throws IOException {
        if (args[0].equals("send")) {
            send(args[1], Integer.parseInt(args[2]));
        } else {
            work();
        }
    }

    /** The client splits what does not fit into one TaskBatch, and finds what is there already. */
    private static void send(String key, int customers) {
        var config = new ConfigBuilder().withMasterUrl(setting("API_SERVER", "http://127.0.0.1:8001")).build();
        try (var kubernetes = new KubernetesClientBuilder().withConfig(config).build()) {
            BatchBuilder batch = new TaskQueueClient(kubernetes, "default")
                    .batch("invoices")
                    .key(key)
                    .template(request -> request.path("/invoice"))
                    .onFinished(report -> report.path("/invoices-done"));
            for (int i = 1; i <= customers; i++) {
                int customer = i;
                batch.add(item -> item.key("customer-" + customer).json(Map.of("customer", customer)));
            }
            for (Creation part : batch.create()) {
                System.out.println(part instanceof Creation.Created
                        ? "Created " + part.name()
                        : part.name() + " is there already");
            }
        }
    }

    private static void work() throws IOException {
        var address = new InetSocketAddress(setting("HOST", "127.0.0.1"), Integer.parseInt(setting("PORT", "8080")));
        HttpServer server = HttpServer.create(address, 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", exchange -> {
            JsonNode body = JSON.readTree(exchange.getRequestBody());
            boolean isReport = exchange.getRequestURI().getPath().equals("/invoices-done");
            exchange.sendResponseHeaders(isReport ? done(body) : invoice(body), -1);
            exchange.close();
        });
        server.start();
    }

    private static int invoice(JsonNode body) {
        int customer = body.path("customer").asInt();
        if (customer == 13) {
            return 422;
        }
        System.out.println("Invoice for customer " + customer);
        return 200;
    }

    private static int done(JsonNode report) {
        String failed = report.path("failedIndexes").asText("");
        System.out.printf(
                "REPORT %s: %d of %d succeeded, failed: %s%n",
                report.path("batch").asText(),
                report.path("succeeded").asInt(),
                report.path("total").asInt(),
                failed.isEmpty() ? "none" : failed);
        return 200;
    }

    private static String setting(String name, String otherwise) {
        return Optional.ofNullable(System.getenv(name)).orElse(otherwise);
    }
}
