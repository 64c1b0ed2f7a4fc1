package dev.taskqueue.gateway.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.PropertyBindingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.taskqueue.gateway.mapping.MappingRules.AppEngineRule;
import dev.taskqueue.gateway.mapping.MappingRules.BatchRule;
import dev.taskqueue.gateway.mapping.MappingRules.NamespaceRule;
import dev.taskqueue.gateway.mapping.MappingRules.OidcRule;
import dev.taskqueue.gateway.mapping.MappingRules.ServiceRef;
import dev.taskqueue.gateway.mapping.MappingRules.TargetRule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a mapping file strictly: an unknown field or a value that cannot be right is an error, which names its place. */
public final class MappingReader {
    private static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
                    .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern SUBDOMAIN = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");
    private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9-]*(\\{project})?[a-z0-9-]*");

    private final List<String> errors = new ArrayList<>();

    private MappingReader() {}

    /** The result of reading: rules, or whole sentences about all that is wrong. */
    public sealed interface Reading {
        /** The file can be used. */
        record Valid(MappingRules rules) implements Reading {}

        /** The file must not be used. */
        record Invalid(List<String> errors) implements Reading {}
    }

    /** An entry of {@code targets} as it is written. */
    private record WrittenTarget(
            @Nullable String namespace,
            @Nullable String urlPrefix,
            @Nullable ServiceRef serviceRef,
            @Nullable String pathPrefix,
            @Nullable String scheme) {}

    /** The file as it is written; everything may be missing. */
    private record File(
            @Nullable List<NamespaceRule> namespaces,
            @Nullable List<String> locations,
            @Nullable List<WrittenTarget> targets,
            @Nullable List<AppEngineRule> appEngine,
            @Nullable List<OidcRule> oidc,
            @Nullable Boolean oidcLocalPart,
            @Nullable List<BatchRule> taskBatches,
            @Nullable String clusterDomain) {}

    /** Reads the text of a file. */
    public static Reading read(String text) {
        File file;
        try {
            file = YAML.readValue(text.isBlank() ? "{}" : text, File.class);
        } catch (JsonProcessingException unreadable) {
            String place = unreadable.getLocation() == null
                    ? ""
                    : " (line " + unreadable.getLocation().getLineNr() + ")";
            return new Reading.Invalid(List.of("The mapping file cannot be read: " + reason(unreadable) + place + "."));
        }
        return new MappingReader().check(file);
    }

    /** Jackson's own sentences about values name our classes. */
    private static String reason(JsonProcessingException unreadable) {
        if (!(unreadable instanceof JsonMappingException wrong)) {
            return unreadable.getOriginalMessage();
        }
        if (wrong.getCause() instanceof StreamReadException noYaml) {
            return noYaml.getOriginalMessage();
        }
        String field = field(wrong);
        if (field.isEmpty()) {
            return "it must be fields with values, such as namespaces: []";
        }
        return wrong instanceof PropertyBindingException
                ? "there is no field " + field
                : "the value of " + field + " is of another kind";
    }

    /** Where the error is, such as {@code targets[0].urlPrefix}. */
    private static String field(JsonMappingException wrong) {
        var field = new StringBuilder();
        for (JsonMappingException.Reference step : wrong.getPath()) {
            String name = step.getFieldName();
            if (name == null) {
                field.append('[').append(step.getIndex()).append(']');
            } else {
                field.append(field.isEmpty() ? "" : ".").append(name);
            }
        }
        return field.toString();
    }

    private Reading check(File file) {
        String domain = file.clusterDomain();
        var targets = new ArrayList<TargetRule>();
        each("targets", list(file.targets()), (place, target) -> check(place, target, targets));
        // The first that matches counts.
        targets.sort(Comparator.comparingInt(rule -> -rule.prefix().length()));
        var rules = new MappingRules(
                list(file.namespaces()),
                list(file.locations()),
                List.copyOf(targets),
                list(file.appEngine()),
                list(file.oidc()),
                Boolean.TRUE.equals(file.oidcLocalPart()),
                list(file.taskBatches()),
                domain == null ? MappingRules.NONE.clusterDomain() : domain);
        each("namespaces", rules.namespaces(), this::check);
        each("appEngine", rules.appEngine(), this::check);
        each("oidc", rules.oidc(), this::check);
        each("taskBatches", rules.taskBatches(), this::check);
        each("locations", rules.locations(), (place, location) -> required(place, location));
        matches("clusterDomain", rules.clusterDomain(), SUBDOMAIN, "a domain such as cluster.local");
        return errors.isEmpty() ? new Reading.Valid(rules) : new Reading.Invalid(List.copyOf(errors));
    }

    private static <T> List<T> list(@Nullable List<T> written) {
        return written == null ? List.of() : written;
    }

    private interface Check<T> {
        void check(String place, T entry);
    }

    private <T> void each(String field, List<T> entries, Check<T> check) {
        for (int i = 0; i < entries.size(); i++) {
            String place = field + "[" + i + "]";
            T entry = entries.get(i);
            if (entry == null) {
                errors.add(place + " is empty; remove it.");
            } else {
                check.check(place, entry);
            }
        }
    }

    private void check(String place, NamespaceRule rule) {
        required(place + ".project", rule.project());
        required(place + ".location", rule.location());
        matches(
                place + ".namespace",
                rule.namespace(),
                NAMESPACE,
                "the name of a namespace, in which {project} may stand");
    }

    private void check(String place, WrittenTarget target, List<TargetRule> checked) {
        int errorsBefore = errors.size();
        namespace(place, target.namespace());
        Optional<TargetUrl> prefix = Optional.ofNullable(target.urlPrefix())
                .filter(text -> !text.isBlank())
                .flatMap(TargetUrl::readPrefix);
        if (prefix.isEmpty()) {
            errors.add(place + ".urlPrefix must be the beginning of a url, such as https://my-worker.run.app/.");
        }
        service(place, target.serviceRef());
        String path = target.pathPrefix();
        if (path != null && !path.startsWith("/")) {
            errors.add(place + ".pathPrefix must begin with \"/\".");
        }
        String scheme = target.scheme();
        if (scheme != null && !scheme.equals("HTTP") && !scheme.equals("HTTPS")) {
            errors.add(place + ".scheme must be HTTP or HTTPS.");
        }
        if (errors.size() == errorsBefore) {
            checked.add(new TargetRule(
                    Objects.requireNonNull(target.namespace()),
                    prefix.orElseThrow().normalized(),
                    Objects.requireNonNull(target.serviceRef()),
                    path,
                    scheme));
        }
    }

    private void check(String place, AppEngineRule rule) {
        namespace(place, rule.namespace());
        required(place + ".service", rule.service());
        service(place, rule.serviceRef());
    }

    private void check(String place, OidcRule rule) {
        namespace(place, rule.namespace());
        required(place + ".email", rule.email());
        matches(place + ".serviceAccount", rule.serviceAccount(), SUBDOMAIN, "the name of a ServiceAccount");
    }

    private void check(String place, BatchRule rule) {
        namespace(place, rule.namespace());
        if (!MappingRules.ANY.equals(rule.queue())) {
            matches(place + ".queue", rule.queue(), LABEL, "the name of a TaskQueue, in lower case, or *");
        }
    }

    private void service(String place, @Nullable ServiceRef service) {
        if (service == null) {
            errors.add(place + ".serviceRef is missing.");
            return;
        }
        matches(place + ".serviceRef.name", service.name(), LABEL, "the name of a Service");
        String port = service.port();
        if (port != null && ServicePorts.read(port).isEmpty()) {
            errors.add(place + ".serviceRef.port must be a number from 1 to 65535 or the name of a port.");
        }
    }

    private void namespace(String place, @Nullable String namespace) {
        matches(place + ".namespace", namespace, LABEL, "the name of a namespace");
    }

    private void required(String place, @Nullable String value) {
        if (!isPresent(value)) {
            errors.add(place + " is missing.");
        }
    }

    private void matches(String place, @Nullable String value, Pattern form, String what) {
        if (value == null || value.isEmpty() || !form.matcher(value).matches()) {
            errors.add(place + " must be " + what + ".");
        }
    }

    private static boolean isPresent(@Nullable String value) {
        return value != null && !value.isBlank();
    }
}
