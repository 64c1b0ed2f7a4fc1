package dev.taskqueue.operator.faults;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/** A fault for the next few requests of one kind. */
public final class FaultRule {
    private final String method;
    private final Pattern target;
    private final Fault fault;
    private final int times;
    private final AtomicInteger left;

    /** @param target found anywhere in path and query */
    FaultRule(int times, String method, String target, Fault fault) {
        this.method = method;
        this.target = Pattern.compile(target);
        this.fault = fault;
        this.times = times;
        this.left = new AtomicInteger(times);
    }

    Fault fault() {
        return fault;
    }

    /** Whether the rule matches the request. If so, the request is counted. */
    boolean claims(ProxiedRequest request) {
        return request.method().equals(method)
                && target.matcher(request.target()).find()
                && left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
    }

    /** From now on such requests are forwarded. */
    public void lift() {
        left.set(0);
    }

    public boolean wasUsed() {
        return left.get() < times;
    }

    boolean isUsedUp() {
        return left.get() == 0;
    }
}
