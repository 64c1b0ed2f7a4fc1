package dev.taskqueue.dev.console;

import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** An API server with queues, Tasks and batches in every state, a gateway before it, and a browser that looks at it. */
final class ConsoleStage implements AutoCloseable {
    static final String HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script> \\u001b[31m";

    /** An hour to come, as status names it. */
    private final String later = Instant.now()
            .plus(Duration.ofHours(3))
            .truncatedTo(ChronoUnit.HOURS)
            .atOffset(ZoneOffset.UTC)
            .toString();

    private final EmbeddedApiServer server = EmbeddedApiServer.start(0, InstantSource.system());
    private final TestingApi api = new TestingApi(server.url());
    private final ConsoleGateway gateway = new ConsoleGateway(server.url());
    private final ConsoleBrowser browser;

    ConsoleStage() {
        seed();
        browser = new ConsoleBrowser(gateway.console());
    }

    TestingApi api() {
        return api;
    }

    ConsoleGateway gateway() {
        return gateway;
    }

    ConsoleBrowser browser() {
        return browser;
    }

    private void seed() {
        api.namespace("shop");
        api.namespace("billing");
        api.queue(
                "shop",
                "mail",
                "{deadLetter: {queueRef: {name: mail-failed}}}",
                "{state: Running, stats: {tasks: 6, queued: 4, scheduled: 1, backingOff: 1, failedRetained: 2, waiting: {NoReadyEndpoint: 4},"
                        + " oldestDueTime: '2026-11-20T08:00:00Z', dueByHour: {'" + later
                        + "': 2}, dueLater: 1, succeededRetained: 3}, conditions: "
                        + conditions(
                                "Blocked",
                                "True",
                                "NoReadyEndpoint",
                                "4 Tasks wait. (see Troubleshooting, section NoReadyEndpoint)")
                        + "}");
        api.queue(
                "shop",
                "newsletter",
                "{state: Paused}",
                "{state: Paused, stats: {tasks: 3, queued: 3, oldestDueTime: '2026-11-20T08:00:00Z'}}");
        api.queue("shop", "calm", "{}", "{state: Running, stats: {tasks: 0}}");
        api.queue(
                "billing",
                "broken",
                "{}",
                "{state: Invalid, stats: {tasks: 0}, conditions: "
                        + conditions("Ready", "False", "InvalidSpec", HOSTILE) + "}");
        for (String name : new String[] {"mail-1", "mail-2", "mail-3"}) {
            api.task("shop", name, "mail", """
                    {state: Queued, conditions: %s}
                    """.formatted(
                            conditions("Succeeded", "Unknown", "NoReadyEndpoint", "No endpoint is ready.")));
        }
        for (String name : new String[] {"bad-1", "bad-2"}) {
            api.task("shop", name, "mail", failed(conditions("Succeeded", "False", "NonRetryable", HOSTILE)));
        }
        api.task("shop", "later", "mail", "{state: Scheduled, nextAttemptTime: '2099-01-01T00:00:00Z'}");
        api.batch("shop", "import", "mail", """
                {state: Failed, progress: 10/10, counts: {total: 10, succeeded: 7, failed: 2, skipped: 1}, succeeded: 0-6, failed: 7-8, skipped: '9',
                 failedByReason: {NonRetryable/422: 2}, failures: [{index: 7, attempts: 1, statusCode: 422, reason: NonRetryable, message: refused, time: '2026-11-20T08:00:00Z'}],
                 startTime: '2026-11-20T08:00:00Z', completionTime: '2026-11-20T08:01:00Z', conditions: %s}
                """.formatted(
                        conditions("Succeeded", "False", "ItemsFailed", "2 of 10 items failed.")));
        api.batch(
                "shop",
                "export",
                "mail",
                "{state: Running, progress: 4/10, counts: {total: 10, succeeded: 4, failed: 0, skipped: 0, backingOff: 1}, succeeded: 0-3,"
                        + " retries: {'0': '5:1@0+500!503'}}");
    }

    /** The status of a Task that failed at its second attempt. */
    private static String failed(String conditions) {
        return """
            {state: Failed, dispatchCount: 2, responseCount: 2, completionTime: '2026-11-20T08:00:05Z',
             attempts: [{number: 1, scheduleTime: '2026-11-20T08:00:00Z', dispatchTime: '2026-11-20T08:00:00Z', responseTime: '2026-11-20T08:00:01Z', statusCode: 503,
               reason: Unavailable, message: The worker answered 503.},
              {number: 2, scheduleTime: '2026-11-20T08:00:04Z', dispatchTime: '2026-11-20T08:00:04Z', responseTime: '2026-11-20T08:00:05Z', statusCode: 422,
               reason: ClientError, message: The worker answered 422., responseSnippet: "<b>snippet</b>"}],
             lastAttempt: {number: 2, dispatchTime: '2026-11-20T08:00:04Z', responseTime: '2026-11-20T08:00:05Z', statusCode: 422, reason: ClientError, message: x},
             conditions: %s}
            """.formatted(conditions);
    }

    private static String conditions(String type, String status, String reason, String message) {
        return "[{type: %s, status: '%s', reason: %s, lastTransitionTime: '2026-11-20T08:00:00Z', message: \"%s\"}]"
                .formatted(type, status, reason, message);
    }

    @Override
    public void close() {
        browser.close();
        gateway.close();
        api.close();
        server.close();
    }
}
