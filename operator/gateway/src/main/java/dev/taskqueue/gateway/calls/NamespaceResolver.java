package dev.taskqueue.gateway.calls;

import com.google.rpc.Code;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.LocationName;
import dev.taskqueue.gateway.mapping.MappingRules;
import dev.taskqueue.gateway.mapping.ShownText;
import dev.taskqueue.gateway.mapping.TaskObjectWriter;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** The mapping in force, and the namespaces that it may lead to. */
public final class NamespaceResolver {
    private final Supplier<Mapping> mapping;
    private final Set<String> namespaces;

    /** The rules of one reading of the mapping file, with the writer that goes by them. */
    public record Mapping(MappingRules rules, TaskObjectWriter writer) {}

    /** @param namespaces the only ones that are served; empty = those of the rules */
    public NamespaceResolver(
            Supplier<MappingRules> rules, Set<String> namespaces, Function<MappingRules, TaskObjectWriter> writers) {
        this.namespaces = namespaces;
        this.mapping = new LastMapping(rules, writers)::get;
    }

    /** Makes a writer once for each reading. */
    private static final class LastMapping {
        private final Supplier<MappingRules> rules;
        private final Function<MappingRules, TaskObjectWriter> writers;
        private volatile Mapping last;

        LastMapping(Supplier<MappingRules> rules, Function<MappingRules, TaskObjectWriter> writers) {
            this.rules = rules;
            this.writers = writers;
            this.last = make(rules.get());
        }

        private Mapping make(MappingRules now) {
            return new Mapping(now, writers.apply(now));
        }

        @SuppressWarnings("ReferenceEquality") // A new reading is a new object.
        Mapping get() {
            MappingRules now = rules.get();
            Mapping kept = last;
            if (kept.rules() != now) {
                kept = make(now);
                last = kept;
            }
            return kept;
        }
    }

    public MappingRules rules() {
        return mapping.get().rules();
    }

    public TaskObjectWriter writer() {
        return mapping.get().writer();
    }

    /** The namespace of a location; fails with PERMISSION_DENIED if there is none. */
    public String namespace(LocationName location) {
        return rules().namespace(location).filter(this::isServed).orElseThrow(() -> denied(location.project()));
    }

    /** Whether rules lead a project and a location anywhere. */
    boolean isServed(LocationName location) {
        return rules().namespace(location).filter(this::isServed).isPresent();
    }

    private boolean isServed(String namespace) {
        return namespaces.isEmpty() || namespaces.contains(namespace);
    }

    /** The same sentence for a project that does not exist and for one that nobody mapped. */
    static RpcFailure denied(String project) {
        return RpcFailure.denied(
                "Permission denied on resource project " + ShownText.text(project)
                        + ". No rule of the gateway's mapping leads this project and location to a namespace.",
                Code.PERMISSION_DENIED.name());
    }
}
