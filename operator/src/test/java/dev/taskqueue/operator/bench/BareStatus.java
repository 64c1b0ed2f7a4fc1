package dev.taskqueue.operator.bench;

/** A status of the shape and size that the operator writes for a first success. */
final class BareStatus {
    private static final String CONDITION = """
            {"type":"%s","status":"True","reason":"%s","message":"%s","lastTransitionTime":"2026-01-01T00:00:00Z",\
            "observedGeneration":1}""";

    static final String PATCH = """
            {"status":{"observedGeneration":1,"state":"Succeeded","conditions":[%s,%s,%s],"dispatchCount":1,\
            "responseCount":1,"executionCount":1,"lastAttempt":{"number":1,"scheduleTime":"2026-01-01T00:00:00.000Z",\
            "dispatchTime":"2026-01-01T00:00:00.000Z","responseTime":"2026-01-01T00:00:00.000Z","statusCode":200,\
            "reason":"Delivered","message":"The worker answered 200."},"completionTime":"2026-01-01T00:00:00.000Z"}}\
            """.formatted(
                    CONDITION.formatted("Accepted", "Accepted", ""),
                    CONDITION.formatted("Finished", "Delivered", ""),
                    CONDITION.formatted("Succeeded", "Delivered", "The worker answered 200."));

    private BareStatus() {}
}
