package dev.taskqueue.operator.intake;

import dev.taskqueue.operator.cache.TaskMessage;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Knows since when this process leads in each namespace. The namespaces are those of the reflectors; an empty name stands for all. Thread-safe. */
public final class NamespaceTerms {
    private static final long NOT_YET = Long.MAX_VALUE;

    private final Term first;
    private final Map<String, Term> terms = new ConcurrentHashMap<>();

    /**
     * The term of this process as leader of a namespace.
     *
     * @param since objects up to this resourceVersion were written before the term
     * @param ledAt when the term began, by this process's clock; null before
     * @param claimsEndAt after this no earlier process writes the outcome of an attempt that it had in flight
     */
    private record Term(long since, @Nullable Instant ledAt, Instant claimsEndAt) {}

    private NamespaceTerms(Term first) {
        this.first = first;
    }

    /** For a process that runs alone: it leads everywhere from the start. */
    public static NamespaceTerms alone(Instant now, Instant claimsEndAt) {
        return new NamespaceTerms(new Term(0, now, claimsEndAt));
    }

    /** For a standby: it leads in a namespace after {@link #lead}. */
    public static NamespaceTerms standby() {
        return new NamespaceTerms(new Term(NOT_YET, null, Instant.MAX));
    }

    /** This process is about to lead in the namespace. Claims of earlier processes count until the given time at most. */
    void expectClaims(String namespace, Instant claimsEndAt) {
        Term before = of(namespace);
        terms.put(namespace, new Term(before.since(), before.ledAt(), claimsEndAt));
    }

    /** The term begins: after this resourceVersion, this process writes the status of known Tasks. */
    void lead(String namespace, long version, Instant now) {
        terms.put(namespace, new Term(version, now, of(namespace).claimsEndAt()));
    }

    /** When this process began to lead in the namespace; null before. */
    public @Nullable Instant ledAt(String namespace) {
        return of(namespace).ledAt();
    }

    /** Whether this process leads in the namespace, or is about to. */
    public boolean leads(String namespace) {
        return of(namespace).since() != NOT_YET;
    }

    /** Whether an object of this resourceVersion was written since this process leads in the namespace. */
    public boolean isOfThisTerm(String namespace, long version) {
        return version > of(namespace).since();
    }

    TaskMessage.Era era(String namespace, long version) {
        return isOfThisTerm(namespace, version) ? TaskMessage.Era.OWN : TaskMessage.Era.FORMER;
    }

    /** Until when earlier processes may write outcomes of their claims. */
    public Instant claimsEndAt(String namespace) {
        return of(namespace).claimsEndAt();
    }

    private Term of(String namespace) {
        Term own = terms.get(namespace);
        return own != null ? own : terms.getOrDefault("", first);
    }
}
