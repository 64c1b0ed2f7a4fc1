package dev.taskqueue.operator.oracle;

import static dev.taskqueue.operator.oracle.QueueSpec.child;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code HeaderWrong}: the headers that the handler sees, as the table of the contract has them. Where a request repeats one that is recorded meanwhile, or
 * people changed the Task, only the names are compared.
 */
final class HeaderRules implements Rules {
    private final World world;

    HeaderRules(World world) {
        this.world = world;
    }

    @Override
    public void received(TaskModel task, Request request) {
        QueueModel queue = world.queueOf(task);
        boolean own = ownKey(task, queue);
        if (!own) {
            compare(task, request, "idempotency-key", task.uid);
        }
        compare(task, request, "taskqueue-namespace", task.namespace);
        String shortName = task.taskKey == null ? task.name : task.taskKey;
        compareIfThere(task, request, "x-cloudtasks-queuename", queue.name);
        compareIfThere(task, request, "x-cloudtasks-taskname", shortName);
        compareIfThere(task, request, "x-appengine-queuename", queue.name);
        compareIfThere(task, request, "x-appengine-taskname", shortName);
        families(task, request, queue);
        if (request.number > 0) {
            String retries = Integer.toString(request.number - 1);
            compareIfThere(task, request, "x-cloudtasks-taskretrycount", retries);
            compareIfThere(task, request, "x-appengine-taskretrycount", retries);
            limits(task, request, queue);
            counts(task, request);
        }
    }

    /** "A user's own header wins". */
    static boolean ownKey(TaskModel task, QueueModel queue) {
        return hasKey(child(child(task.spec, "httpRequest"), "headers"))
                || hasKey(child(queue.latest().httpTarget(), "headers"))
                || child(child(task.spec, "httpRequest"), "secretHeaders") != null
                || child(queue.latest().httpTarget(), "secretHeaders") != null;
    }

    private static boolean hasKey(@Nullable JsonNode headers) {
        if (headers != null) {
            for (Iterator<String> names = headers.fieldNames(); names.hasNext(); ) {
                if (names.next().equalsIgnoreCase("Idempotency-Key")) {
                    return true;
                }
            }
        }
        return false;
    }

    private void families(TaskModel task, Request request, QueueModel queue) {
        boolean cloudTasks = false;
        boolean neither = false;
        for (QueueSpec spec : queue.since(world.now - world.wire(task.namespace))) {
            Set<String> families = spec.families();
            cloudTasks |= families.contains("CloudTasks");
            neither |= !families.contains("CloudTasks");
        }
        boolean sent = request.headerOrNull("x-cloudtasks-queuename") != null;
        if ((sent && !cloudTasks) || (!sent && !neither)) {
            wrong(task, request, "x-cloudtasks-queuename", sent ? "absent" : queue.name);
        }
    }

    private void limits(TaskModel task, Request request, QueueModel queue) {
        int max = number(request.header("taskqueue-max-attempts"));
        boolean known = false;
        for (QueueSpec spec : queue.since(world.now - world.wire(task.namespace) - world.notice())) {
            known |= spec.retry().maxAttempts() == max;
        }
        if (!known) {
            wrong(
                    task,
                    request,
                    "taskqueue-max-attempts",
                    Integer.toString(queue.latest().retry().maxAttempts()));
        }
        if ("true".equals(request.header("taskqueue-last-attempt")) && (max == -1 || request.number < max)) {
            // Only a time limit may end it before: "where that is certain beforehand" is then left to the operator.
            boolean timed = false;
            for (QueueSpec spec : queue.since(world.now - world.wire(task.namespace) - world.notice())) {
                timed |= spec.retry().either() && spec.retry().maxDuration() > 0;
            }
            if (!timed && task.expires() == Values.NEVER) {
                wrong(task, request, "taskqueue-last-attempt", "absent");
            }
        }
    }

    private static int number(String text) {
        return text.equals("-1") ? -1 : TaskFacts.number(text);
    }

    /** By the status that is stored: the retry goes on from the acknowledgement of that write. */
    private void counts(TaskModel task, Request request) {
        boolean fresh = task.round > task.status.round();
        if (task.touched || (!fresh && task.status.roundAttempts() != request.number - 1)) {
            return;
        }
        compareIfThere(
                task, request, "x-cloudtasks-taskexecutioncount", fresh ? "0" : "" + task.status.roundExecutions());
        compareIfThere(
                task, request, "x-appengine-taskexecutioncount", fresh ? "0" : "" + task.status.roundResponses());
        String previous = request.headerOrNull("x-cloudtasks-taskpreviousresponse");
        String expected = request.number == 1 ? null : previousResponse(task.status.last());
        if (request.headerOrNull("x-cloudtasks-queuename") != null && !TaskFacts.same(previous, expected)) {
            wrong(task, request, "x-cloudtasks-taskpreviousresponse", expected == null ? "absent" : expected);
        }
    }

    private static @Nullable String previousResponse(TaskStatus.@Nullable Last last) {
        if (last == null) {
            return null;
        }
        return last.code() > 0
                ? Integer.toString(last.code())
                : last.reason().equals("DeadlineExceeded") ? "504" : null;
    }

    private void compare(TaskModel task, Request request, String header, String expected) {
        if (!request.header(header).equals(expected)) {
            wrong(task, request, header, expected);
        }
    }

    private void compareIfThere(TaskModel task, Request request, String header, String expected) {
        String value = request.headerOrNull(header);
        if (value != null && !value.equals(expected)) {
            wrong(task, request, header, expected);
        }
    }

    private void wrong(TaskModel task, Request request, String header, String expected) {
        world.violation("HeaderWrong", task, header + " is " + request.headerOrNull(header) + ", not " + expected);
    }
}
