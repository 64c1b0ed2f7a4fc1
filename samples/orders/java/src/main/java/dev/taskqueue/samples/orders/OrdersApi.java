package dev.taskqueue.samples.orders;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.taskqueue.client.Creation;
import dev.taskqueue.client.NewTask;
import dev.taskqueue.client.TaskNameTakenException;
import dev.taskqueue.client.TaskQueueClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** {@code POST /orders}: takes an order and leaves all that follows from it to Tasks. */
final class OrdersApi implements HttpHandler {
    private static final JsonMapper JSON = new JsonMapper();

    /** What follows from an order, and how long after it. */
    private record FollowUp(String type, Duration delay) {}

    private static final List<FollowUp> FOLLOW_UPS = List.of(
            new FollowUp("invoice", Duration.ZERO),
            new FollowUp("stock", Duration.ofSeconds(5)),
            new FollowUp("mail", Duration.ofSeconds(30)),
            new FollowUp("warehouse", Duration.ofSeconds(60)),
            new FollowUp("reminder", Duration.ofHours(24)),
            new FollowUp("review", Duration.ofDays(7)));

    private final TaskQueueClient tasks;

    OrdersApi(TaskQueueClient tasks) {
        this.tasks = tasks;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean known = exchange.getRequestMethod().equals("POST")
                    && exchange.getRequestURI().getPath().equals("/orders");
            if (known) {
                take(exchange);
            } else {
                problem(exchange, 404, "there is POST /orders");
            }
        }
    }

    private void take(HttpExchange exchange) throws IOException {
        JsonNode order;
        try {
            order = JSON.readTree(exchange.getRequestBody());
        } catch (JacksonException noJson) {
            problem(exchange, 400, "an order is JSON");
            return;
        }
        String id = order.path("orderId").asText();
        if (!id.matches("[A-Za-z0-9-]{1,64}")) {
            problem(exchange, 400, "an order has an orderId of 1 to 64 letters, digits and \"-\"");
            return;
        }
        try {
            answer(exchange, 202, follow(id, order));
        } catch (KubernetesClientException | TaskNameTakenException e) {
            // The same order may be sent again: what is there already is not created twice.
            System.err.println("Order " + id + " could not be taken: " + e.getMessage());
            problem(exchange, 503, "not taken, or in part: send the same order again");
        }
    }

    private ObjectNode follow(String id, JsonNode order) {
        ObjectNode taken = JSON.createObjectNode().put("orderId", id);
        var list = taken.putArray("tasks");
        for (FollowUp followUp : FOLLOW_UPS) {
            Creation creation = tasks.create(NewTask.in("order-tasks")
                    .key("order_" + id + "-" + followUp.type())
                    .path("/tasks/" + followUp.type())
                    .json(order)
                    .delay(followUp.delay())
                    .label("order", id)
                    .build());
            list.addObject().put("name", creation.name()).put("created", creation instanceof Creation.Created);
        }
        return taken;
    }

    private static void problem(HttpExchange exchange, int code, String text) throws IOException {
        answer(exchange, code, JSON.createObjectNode().put("problem", text));
    }

    private static void answer(HttpExchange exchange, int code, ObjectNode body) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(body);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
