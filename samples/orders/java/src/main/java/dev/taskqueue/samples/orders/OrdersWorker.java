package dev.taskqueue.samples.orders;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Does what the Tasks say: each request is one attempt of one of them. */
final class OrdersWorker implements HttpHandler {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int ALERT_AFTER = 3;

    /** By type, what is done; in a real shop each of these calls a system of its own. */
    private static final Map<String, String> DEEDS = Map.of(
            "invoice", "Invoice written",
            "stock", "Stock reserved",
            "mail", "Confirmation mailed",
            "warehouse", "Warehouse told",
            "reminder", "Payment reminder mailed",
            "review", "Review asked for");

    private final TokenCheck tokens;
    private final String failing;

    /** In a real shop: a unique column, written in one transaction with the deed. */
    private final Set<String> done = ConcurrentHashMap.newKeySet();

    /** What is answered; a poisoned Task fails for good, whatever attempts it has left. */
    private enum Answer {
        DONE(204),
        NO_TOKEN(401),
        POISON(422),
        LATER(503);

        private final int code;

        Answer(int code) {
            this.code = code;
        }
    }

    /** @param failing the type that is not available at the moment, to see retries; empty = none */
    OrdersWorker(TokenCheck tokens, String failing) {
        this.tokens = tokens;
        this.failing = failing;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Answer answer = answer(exchange.getRequestURI().getPath(), exchange.getRequestHeaders(), body);
            if (answer == Answer.POISON) {
                exchange.getResponseHeaders().set("TaskQueue-No-Retry", "true");
            }
            exchange.sendResponseHeaders(answer.code, -1);
        }
    }

    private Answer answer(String path, Headers headers, byte[] body) {
        // First of all: the other headers are worth something from the operator only.
        switch (tokens.check(headers.getFirst("Authorization"))) {
            case TokenCheck.Verdict.Refused(String why) -> {
                say("REFUSED: " + why);
                return Answer.NO_TOKEN;
            }
            case TokenCheck.Verdict.NoKeys(String why) -> {
                say("NO KEYS: " + why);
                return Answer.LATER;
            }
            case TokenCheck.Verdict.Good() -> {
                return path.equals("/dead-letters") ? bury(headers) : attempt(path, headers, body);
            }
        }
    }

    private Answer attempt(String path, Headers headers, byte[] body) {
        String task = headers.getFirst("X-CloudTasks-TaskName");
        String type = path.startsWith("/tasks/") ? path.substring("/tasks/".length()) : "";
        String deed = DEEDS.get(type);
        String order = orderId(body);
        if (deed == null || order.isEmpty()) {
            say("POISON: " + task + (deed == null ? " is of no known type" : " holds no order with a price"));
            return Answer.POISON;
        }
        int failures = number(headers.getFirst("X-CloudTasks-TaskRetryCount"));
        if (failures >= ALERT_AFTER) {
            say("ALERT: " + task + " has failed " + failures + " times");
        }
        if (type.equals(failing)) {
            return Answer.LATER;
        }
        if (done.add(headers.getFirst("Idempotency-Key"))) {
            say(deed + " for order " + order);
        }
        return Answer.DONE;
    }

    private static Answer bury(Headers headers) {
        say("DEAD LETTER: " + headers.getFirst("X-CloudTasks-TaskName") + " of "
                + headers.getFirst("TaskQueue-DeadLetter-Queue") + ": "
                + headers.getFirst("TaskQueue-DeadLetter-Reason"));
        return Answer.DONE;
    }

    /** Empty where it is no order that can be worked on. */
    private static String orderId(byte[] body) {
        try {
            JsonNode order = JSON.readTree(body);
            boolean priced = order.path("amount").asText().matches("[0-9]{1,9}([.][0-9]{2})?");
            return priced ? order.path("orderId").asText() : "";
        } catch (JacksonException noJson) {
            return "";
        } catch (IOException impossible) {
            throw new IllegalStateException("bytes are read without I/O", impossible);
        }
    }

    private static int number(String header) {
        return header != null && header.matches("[0-9]{1,9}") ? Integer.parseInt(header) : 0;
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
