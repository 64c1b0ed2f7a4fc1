package dev.taskqueue.gateway.mapping;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The mapping file: which project is which namespace, and which url, App Engine service and account mean what there. {@link MappingReader} reads
 * it.
 *
 * @param namespaces the first rule that matches counts
 * @param locations what ListLocations offers; empty = the locations that the rules name
 * @param targets the longest beginning comes first
 * @param oidcLocalPart whether an email without an entry stands for the ServiceAccount before its {@code @}
 * @param taskBatches the queues whose unnamed tasks become items of TaskBatches
 * @param clusterDomain the domain of Services, such as {@code cluster.local}
 */
public record MappingRules(
        List<NamespaceRule> namespaces,
        List<String> locations,
        List<TargetRule> targets,
        List<AppEngineRule> appEngine,
        List<OidcRule> oidc,
        boolean oidcLocalPart,
        List<BatchRule> taskBatches,
        String clusterDomain) {
    /** Any project, location or queue. */
    static final String ANY = "*";

    private static final String PROJECT = "{project}";
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    /** A project and a location, each {@code *} or a name, and their namespace, which may contain <code>{project}</code>. */
    public record NamespaceRule(String project, String location, String namespace) {
        boolean matches(LocationName name) {
            return (project.equals(ANY) || project.equals(name.project()))
                    && (location.equals(ANY) || location.equals(name.location()));
        }

        boolean namesOneNamespace() {
            return !namespace.contains(PROJECT);
        }
    }

    /** A Service and its port, by number or name. */
    public record ServiceRef(String name, @Nullable String port) {}

    /**
     * A beginning of urls, and the Service that stands for it.
     *
     * @param prefix in the spelling of {@link TargetUrl#normalized}
     * @param pathPrefix replaces what matched; null = the path stays whole
     * @param scheme HTTP or HTTPS; null = the operator's default for the port
     */
    public record TargetRule(
            String namespace,
            String prefix,
            ServiceRef serviceRef,
            @Nullable String pathPrefix,
            @Nullable String scheme) {}

    /** An App Engine service, perhaps in one version only, and the Service that stands for it. */
    public record AppEngineRule(
            String namespace, String service, @Nullable String version, ServiceRef serviceRef) {}

    /** An email of a Google service account, and the ServiceAccount that stands for it. */
    public record OidcRule(String namespace, String email, String serviceAccount) {}

    /** A queue, or {@code *} for all of the namespace, whose unnamed tasks become items of TaskBatches. */
    public record BatchRule(String namespace, String queue) {}

    /** Rules that map nothing. */
    public static final MappingRules NONE =
            new MappingRules(List.of(), List.of(), List.of(), List.of(), List.of(), false, List.of(), "cluster.local");

    /**
     * Rules that map every project and location to one namespace, for the dev mode. Because of the entry for App Engine, new queues send the headers
     * of App Engine, too.
     */
    public static MappingRules everythingTo(String namespace) {
        return new MappingRules(
                List.of(new NamespaceRule(ANY, ANY, namespace)),
                List.of("us-central1"),
                List.of(),
                List.of(new AppEngineRule(namespace, "default", null, new ServiceRef("default", null))),
                List.of(),
                true,
                List.of(),
                "cluster.local");
    }

    /** The namespace of a location; absent if no rule has one. */
    public Optional<String> namespace(LocationName name) {
        return namespaces.stream()
                .filter(rule -> rule.matches(name))
                .findFirst()
                .map(rule -> rule.namespace().replace(PROJECT, name.project()))
                .filter(namespace -> LABEL.matcher(namespace).matches());
    }

    /** The namespaces that the rules name; absent if a rule takes any from the project. */
    public Optional<List<String>> fixedNamespaces() {
        return namespaces.stream().allMatch(NamespaceRule::namesOneNamespace)
                ? Optional.of(namespaces.stream()
                        .map(NamespaceRule::namespace)
                        .distinct()
                        .toList())
                : Optional.empty();
    }

    /** The locations of a project, for ListLocations. */
    public List<String> locationsOf(String project) {
        var named = namespaces.stream()
                .filter(rule -> rule.project().equals(ANY) || rule.project().equals(project))
                .map(NamespaceRule::location)
                .filter(location -> !location.equals(ANY));
        var offered = locations.stream()
                .filter(location ->
                        namespace(new LocationName(project, location)).isPresent());
        return java.util.stream.Stream.concat(offered, named).distinct().toList();
    }

    /** The Service for an App Engine service; the entry with the version comes first. */
    Optional<ServiceRef> appEngine(String namespace, String service, String version) {
        Optional<AppEngineRule> exact = appEngineRules(namespace)
                .filter(rule -> rule.service().equals(service) && version.equals(rule.version()))
                .findFirst();
        return exact.or(() -> appEngineRules(namespace)
                        .filter(rule -> rule.service().equals(service) && rule.version() == null)
                        .findFirst())
                .map(AppEngineRule::serviceRef);
    }

    /** Whether the namespace has handlers that came from App Engine. */
    public boolean hasAppEngine(String namespace) {
        return appEngineRules(namespace).findAny().isPresent();
    }

    private java.util.stream.Stream<AppEngineRule> appEngineRules(String namespace) {
        return appEngine.stream().filter(rule -> rule.namespace().equals(namespace));
    }

    /**
     * Whether unnamed tasks of a queue become items of TaskBatches.
     *
     * @param queue the name of the TaskQueue
     */
    public boolean isBatched(String namespace, String queue) {
        return taskBatches.stream()
                .anyMatch(rule -> rule.namespace().equals(namespace)
                        && (rule.queue().equals(ANY) || rule.queue().equals(queue)));
    }

    /** The ServiceAccount for an email; absent if nothing stands for it. */
    Optional<String> serviceAccount(String namespace, String email) {
        Optional<String> entry = oidc.stream()
                .filter(rule ->
                        rule.namespace().equals(namespace) && rule.email().equals(email))
                .findFirst()
                .map(OidcRule::serviceAccount);
        if (entry.isPresent() || !oidcLocalPart) {
            return entry;
        }
        int at = email.indexOf('@');
        String local = at < 0 ? email : email.substring(0, at);
        return LABEL.matcher(local).matches() ? Optional.of(local) : Optional.empty();
    }
}
