package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;
import static dev.taskqueue.operator.oracle.Values.text;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code WrongRequest}: the request is that of its Task. Method, path, body and the headers that begin with {@code X-} are compared where the queue's {@code httpTarget} has no part in them, and what a dead
 * letter's handler is told. A body out of a Secret or ConfigMap is one that this had a short time ago: "read last, for one attempt, and never cached". {@code WrongTimes}: {@code TaskQueue-Deadline} is the dispatch deadline from now, and {@code TaskETA} has come.
 */
final class ContentRules implements Rules {
    private static final String POST = "POST";
    /** A request may wait for 5 s with what was read for it, and the answer to the read may be slow. */
    private static final long READ = 15_000_000_000L;

    private final World world;

    ContentRules(World world) {
        this.world = world;
    }

    @Override
    public void received(TaskModel task, Request request) {
        boolean merged = false;
        for (QueueSpec spec : world.queueOf(task).since(world.now - world.wire(task.namespace) - world.notice())) {
            merged |= spec.httpTarget() != null;
        }
        if (!merged) {
            request(task, request);
        }
        if (task.isDeadLetter) {
            JsonNode of = task.spec.path("deadLetterOf");
            compare(task, request, "taskqueue-deadletter-queue", text(of, "queue"));
            compare(task, request, "taskqueue-deadletter-task", text(of, "task"));
            compare(task, request, "taskqueue-deadletter-reason", text(of, "reason"));
        }
        times(task, request);
    }

    private void request(TaskModel task, Request request) {
        JsonNode own = child(task.spec, "httpRequest");
        String method = text(own, "method").isEmpty() ? POST : text(own, "method");
        String path = text(own, "path").isEmpty() ? "/" : text(own, "path");
        if (!request.method.equals(method)) {
            wrong(task, "the method " + request.method + ", not " + method);
        }
        if (!request.path.equals(path) && plain(path)) {
            wrong(task, "the path " + request.path + ", not " + path);
        }
        JsonNode headers = child(own, "headers");
        if (headers != null) {
            headers.properties().forEach(header -> {
                String name = header.getKey().toLowerCase(Locale.ROOT);
                if (name.startsWith("x-")) {
                    compare(task, request, name, header.getValue().asText().strip());
                }
            });
        }
        JsonNode body = child(own, "body");
        boolean withBody = method.equals(POST) || method.equals("PUT") || method.equals("PATCH");
        if (withBody && body != null) {
            inline(task, request, body.asText().getBytes(UTF_8));
        }
        JsonNode from = child(own, "bodyFrom");
        if (withBody && from != null) {
            read(task, request, "Secret", child(from, "secretKeyRef"));
            read(task, request, "ConfigMap", child(from, "configMapKeyRef"));
        }
    }

    private void inline(TaskModel task, Request request, byte[] body) {
        Integer hash = request.bodyHash;
        boolean other = hash != null && hash != Arrays.hashCode(body);
        if (body.length != request.bodySize || other) {
            wrong(task, "another body, of " + request.bodySize + " bytes, not " + body.length);
        }
    }

    private void read(TaskModel task, Request request, String kind, @Nullable JsonNode reference) {
        Integer hash = request.bodyHash;
        if (reference == null || hash == null) {
            return;
        }
        String name = task.namespace + '/' + text(reference, "name");
        if (!world.objects.had(kind, name, text(reference, "key"), hash, request.decidedAt - READ)) {
            wrong(task, "a body that " + kind + " " + name + " does not have");
        }
    }

    /** Other paths may be written in several ways. */
    static boolean plain(String path) {
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!plain && "/-_?=&".indexOf(c) < 0) {
                return false;
            }
        }
        return !path.contains("//");
    }

    private void compare(TaskModel task, Request request, String header, String expected) {
        if (!request.header(header).equals(expected)) {
            wrong(task, header + " " + request.header(header) + ", not " + expected);
        }
    }

    private void wrong(TaskModel task, String text) {
        world.violation("WrongRequest", task, "its request has " + text);
    }

    private void times(TaskModel task, Request request) {
        String deadline = request.header("taskqueue-deadline");
        // It is computed before the connection is opened, which takes long on a machine that is not free.
        long slack = 1_000_000_000 + world.clock + 20 * world.late;
        if (!deadline.isEmpty()) {
            long shortest = Values.NEVER;
            long longest = 0;
            for (QueueSpec spec : world.queueOf(task).since(world.now - world.wire(task.namespace) - world.notice())) {
                long own = Values.duration(task.spec, "dispatchDeadline", spec.dispatchDeadline());
                shortest = Math.min(shortest, own);
                longest = Math.max(longest, own);
            }
            long at = Values.parseTime(deadline, Values.ALWAYS);
            if (at < request.earliestWall - world.wire(task.namespace) + shortest - slack
                    || at > request.latestWall + longest + slack) {
                world.violation("WrongTimes", task, "taskqueue-deadline is " + deadline);
            }
        }
        String eta = request.header("x-cloudtasks-tasketa");
        boolean early = !eta.isEmpty() && Double.parseDouble(eta) * 1e9 > request.latestWall + world.clock + 1_000_000;
        if (early && !request.runNow && task.runNowCredit == 0 && !task.touched && !world.clocksSet) {
            world.violation("WrongTimes", task, "x-cloudtasks-tasketa is " + eta + ", which has not come");
        }
    }
}
