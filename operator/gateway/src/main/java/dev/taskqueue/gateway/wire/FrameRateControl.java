package dev.taskqueue.gateway.wire;

import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RateControl;

/**
 * Bounds the frames of one HTTP/2 connection that cost work and carry no call, such as pings and resets. Jetty's own bound is so low that it closes
 * connections of busy Go clients, which ping with each answer.
 */
final class FrameRateControl implements RateControl {
    private static final int MOST_PER_SECOND = 20_000;
    private static final long SECOND = 1_000_000_000L;

    private long second = System.nanoTime();
    private int count;

    @Override
    public synchronized boolean onEvent(Object event) {
        long now = System.nanoTime();
        if (now - second >= SECOND) {
            second = now;
            count = 0;
        }
        count++;
        return count <= MOST_PER_SECOND;
    }

    /** One for each connection. */
    static final class Factory implements RateControl.Factory {
        @Override
        public RateControl newRateControl(EndPoint endPoint) {
            return new FrameRateControl();
        }
    }
}
