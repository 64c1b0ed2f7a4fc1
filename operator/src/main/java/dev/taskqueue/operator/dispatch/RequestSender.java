package dev.taskqueue.operator.dispatch;

import dev.taskqueue.operator.domain.Departure;

/** Port: sends a request to a worker, at most once, and waits for its outcome. */
public interface RequestSender extends AutoCloseable {
    /** Sends a request and waits, at most until its deadline. */
    Departure send(OutboundRequest request);

    /** Sends nothing new. Requests in flight go on to their end. */
    @Override
    void close();
}
