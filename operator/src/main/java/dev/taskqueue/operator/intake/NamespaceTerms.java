package dev.taskqueue.operator.intake;

import dev.taskqueue.operator.cache.TaskMessage;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Since when this process leads in each namespace. A namespace has the name that its reflector follows; empty = all. Thread-safe. */
public final class NamespaceTerms {
    private static final long NOT_YET = Long.MAX_VALUE;

    private final Term first;
    private final Map<String, Term> terms = new ConcurrentHashMap<>();

    /**
     * One process's lead in a namespace.
     *
     * @param since what was written up to this resourceVersion was written before
     * @param ledAt when that was, by this process's clock; null before
     * @param claimsEndAt when no earlier process lives that might write the outcome of an attempt it had in flight
     */
    private record Term(long since, @Nullable Instant ledAt, Instant claimsEndAt) {}

    private NamespaceTerms(Term first) {
        this.first = first;
    }

    /** For a process that knows to be alone: it leads everywhere from the start. */
    public static NamespaceTerms alone(Instant now, Instant claimsEndAt) {
        return new NamespaceTerms(new Term(0, now, claimsEndAt));
    }

    /** For a process that leads in a namespace only once it was told so. */
    public static NamespaceTerms standby() {
        return new NamespaceTerms(new Term(NOT_YET, null, Instant.MAX));
    }

    /** This process is about to lead there. No claim of an earlier one counts for longer than until then. */
    void expectClaims(String namespace, Instant claimsEndAt) {
        Term before = of(namespace);
        terms.put(namespace, new Term(before.since(), before.ledAt(), claimsEndAt));
    }

    /** From this resourceVersion on, what happens to a Task that is known happens by this process. */
    void lead(String namespace, long version, Instant now) {
        terms.put(namespace, new Term(version, now, of(namespace).claimsEndAt()));
    }

    /** When this process began to lead there; null before. */
    public @Nullable Instant ledAt(String namespace) {
        return of(namespace).ledAt();
    }

    boolean leads(String namespace) {
        return of(namespace).since() != NOT_YET;
    }

    TaskMessage.Era era(String namespace, long version) {
        return version > of(namespace).since() ? TaskMessage.Era.OWN : TaskMessage.Era.FORMER;
    }

    Instant claimsEndAt(String namespace) {
        return of(namespace).claimsEndAt();
    }

    private Term of(String namespace) {
        Term own = terms.get(namespace);
        return own != null ? own : terms.getOrDefault("", first);
    }
}
