package dev.taskqueue.dev.apiserver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/** The list of what this server offers. Clients ask for it before anything else. */
final class Discovery {
    private static final List<String> VERBS =
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");
    private static final List<String> STATUS_VERBS = List.of("get", "patch", "update");

    private final ResourceTypes types;
    private final String version;

    /** @param version of Kubernetes that this server reports, {@code 1.NN} */
    Discovery(ResourceTypes types, String version) {
        this.types = types;
        this.version = version;
    }

    /** Answers a discovery request; empty if the path does not belong to discovery. */
    Optional<JsonNode> answer(List<String> path) {
        return switch (String.join("/", path)) {
            case "version" -> Optional.of(version());
            case "api" -> Optional.of(versions());
            case "apis" -> Optional.of(groups());
            default ->
                switch (path) {
                    case List<String> p when p.size() == 2 && p.getFirst().equals("api") -> resources("", p.get(1));
                    case List<String> p
                    when p.size() == 2 && p.getFirst().equals("apis") ->
                        known(p.get(1)).map(this::group);
                    case List<String> p
                    when p.size() == 3 && p.getFirst().equals("apis") -> resources(p.get(1), p.get(2));
                    default -> Optional.empty();
                };
        };
    }

    private ObjectNode version() {
        String[] parts = version.split("\\.", -1);
        return Json.object()
                .put("major", parts[0])
                .put("minor", parts[1])
                .put("gitVersion", "v" + version + ".0+taskqueue-dev")
                .put("platform", "embedded");
    }

    private static ObjectNode versions() {
        ObjectNode versions = Json.object().put("kind", "APIVersions");
        versions.putArray("versions").add("v1");
        versions.putArray("serverAddressByClientCIDRs");
        return versions;
    }

    private ObjectNode groups() {
        ObjectNode list = Json.object().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode groups = list.putArray("groups");
        var names = new LinkedHashSet<String>();
        types.all().forEach(type -> names.add(type.group()));
        names.stream().filter(name -> !name.isEmpty()).forEach(name -> groups.add(group(name)));
        return list;
    }

    private Optional<String> known(String group) {
        return types.all().stream()
                .map(ResourceType::group)
                .filter(group::equals)
                .findFirst();
    }

    private ObjectNode group(String name) {
        ObjectNode group =
                Json.object().put("kind", "APIGroup").put("apiVersion", "v1").put("name", name);
        ArrayNode versions = group.putArray("versions");
        types.all().stream()
                .filter(type -> type.group().equals(name))
                .map(ResourceType::version)
                .distinct()
                .forEach(each -> versions.addObject()
                        .put("groupVersion", name + "/" + each)
                        .put("version", each));
        group.set("preferredVersion", versions.get(0));
        return group;
    }

    private Optional<JsonNode> resources(String group, String wanted) {
        List<ResourceType> served = types.all().stream()
                .filter(type -> type.group().equals(group) && type.version().equals(wanted))
                .toList();
        if (served.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode list = Json.object()
                .put("kind", "APIResourceList")
                .put("apiVersion", "v1")
                .put("groupVersion", served.getFirst().apiVersion());
        ArrayNode resources = list.putArray("resources");
        for (ResourceType type : served) {
            ObjectNode whole = resource(resources, type, type.plural(), type.kind(), VERBS);
            type.shortNames().forEach(whole.putArray("shortNames")::add);
            type.categories().forEach(whole.putArray("categories")::add);
            if (type.statusApart()) {
                resource(resources, type, type.plural() + "/status", type.kind(), STATUS_VERBS);
            }
            if (type.equals(ResourceTypes.SERVICE_ACCOUNTS)) {
                resource(resources, type, type.plural() + "/token", "TokenRequest", List.of("create"))
                        .put("group", "authentication.k8s.io")
                        .put("version", "v1");
            }
        }
        return Optional.of(list);
    }

    private static ObjectNode resource(
            ArrayNode resources, ResourceType type, String name, String kind, List<String> verbs) {
        ObjectNode resource = resources
                .addObject()
                .put("name", name)
                .put("singularName", name.contains("/") ? "" : type.singular())
                .put("namespaced", type.namespaced())
                .put("kind", kind);
        verbs.forEach(resource.putArray("verbs")::add);
        return resource;
    }
}
