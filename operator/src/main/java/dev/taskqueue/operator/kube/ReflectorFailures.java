package dev.taskqueue.operator.kube;

import dev.taskqueue.operator.domain.ApiAnswerText;
import dev.taskqueue.operator.domain.WatchState.Refusal;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** What keeps a reflector from listing or watching, for people. Written by the reflector's thread, read by others. */
final class ReflectorFailures {
    /** The first refusal in a row that counts. An API server that has just started may refuse what it allows a moment later. */
    private static final int MIN_REFUSALS = 4;

    private final String resource;
    private final String namespace;
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile Optional<Refusal> refusal = Optional.empty();
    private volatile Optional<String> failure = Optional.empty();

    /** @param resource plural and group */
    ReflectorFailures(String resource, String namespace) {
        this.resource = resource;
        this.namespace = namespace;
    }

    /** Notes a refusal, but only after several in a row: those of an API server that is starting pass by themselves. */
    void refused(String verb, int code) {
        if (Refusal.isRefusal(code)) {
            if (refusals.incrementAndGet() >= MIN_REFUSALS) {
                refusal = Optional.of(new Refusal(verb, resource, code));
            }
        } else {
            failure = Optional.of(ApiAnswerText.of(code, verb, resource, namespace));
        }
    }

    /** There was no answer. */
    void failed(Exception cause) {
        failure = Optional.of(ApiAnswerText.of(0, "", resource, namespace) + " (" + cause + ")");
    }

    void answered() {
        refusals.set(0);
        failure = Optional.empty();
        refusal = Optional.empty();
    }

    /** Whether the last answer was a refusal. */
    boolean isRefused() {
        return refusals.get() > 0;
    }

    Optional<Refusal> refusal() {
        return refusal;
    }

    Optional<String> failure() {
        return failure;
    }
}
