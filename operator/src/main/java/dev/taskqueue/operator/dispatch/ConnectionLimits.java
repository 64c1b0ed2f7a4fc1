package dev.taskqueue.operator.dispatch;

import java.time.Duration;

/**
 * How long a connection is used, and how often. Behind a ClusterIP, every connection leads to one Pod for as long as it lasts. So connections are
 * replaced while they are busy: only a new one can lead to a Pod that has come meanwhile.
 *
 * @param idle how long a connection without a request stays open
 * @param age how long after its opening a connection gets new requests; each connection has up to a fifth more or less, so that connections that
 *     were opened together are not replaced together
 * @param requests how many requests a connection serves
 * @param body how long after the headers of an answer the end of its body is waited for
 */
record ConnectionLimits(Duration idle, Duration age, int requests, Duration body) {
    /** The idle time is shorter than any worker keeps an idle connection (gunicorn 2 s, Node 5 s), so a request rarely meets a closed one. */
    static final ConnectionLimits DEFAULT =
            new ConnectionLimits(Duration.ofSeconds(1), Duration.ofSeconds(10), 1_000, Duration.ofSeconds(5));
}
