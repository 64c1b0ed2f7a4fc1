package dev.taskqueue.operator.simulation.apiserver.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.taskqueue.operator.simulation.apiserver.conformance.Steps.Reply;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/** Scenes of the conformance script about what is special about Kubernetes' own kinds. */
final class KindScenes {
    private KindScenes() {}

    static void leases(Steps steps) {
        String spec = "'spec':{'holderIdentity':'a','leaseDurationSeconds':15,'leaseTransitions':0,"
                + "'renewTime':'2026-01-01T00:00:00.000000Z'}}";
        String head = "{'apiVersion':'coordination.k8s.io/v1','kind':'Lease','metadata':";
        Reply created = steps.post("leases", head + "{'name':'l'}," + spec);
        steps.post("leases", head + "{'name':'l'}," + spec);
        steps.put("leases/l", head + "{'name':'l'}," + spec);
        String version = "'resourceVersion':'" + created.version() + "'";
        Reply renewed = steps.put("leases/l", head + "{'name':'l'," + version + "}," + spec.replace("'a'", "'b'"));
        steps.put("leases/l", head + "{'name':'l'," + version + "}," + spec);
        steps.delete("leases/l");
        steps.put(
                "leases/l",
                head + "{'name':'l','uid':'" + created.uid() + "','resourceVersion':'" + renewed.version() + "'},"
                        + spec);
        steps.put("leases/l", head + "{'name':'l','resourceVersion':'" + renewed.version() + "'}," + spec);
        steps.merge("leases/none", "{}");
    }

    static void tokens(Steps steps) {
        steps.await("serviceaccounts/default", 200);
        Reply account = steps.post("serviceaccounts", "{'metadata':{'name':'caller'}}");
        Reply token = steps.post(
                "serviceaccounts/caller/token", "{'spec':{'audiences':['orders'],'expirationSeconds':3600}}");
        steps.note("its claims", claims(token, account));
        Reply usual = steps.post("serviceaccounts/caller/token", "{'spec':{}}");
        steps.note("its claims", claims(usual, account));
        steps.post("serviceaccounts/caller/token", "{'spec':{'expirationSeconds':60}}");
        steps.post("serviceaccounts/none/token", "{'spec':{}}");
        steps.delete("serviceaccounts/caller");
        steps.post("serviceaccounts/caller/token", "{'spec':{}}");
    }

    private static List<String> claims(Reply reply, Reply account) {
        String[] parts = reply.body().at("/status/token").asText().split("\\.", -1);
        JsonNode claims =
                Objects.requireNonNull(Observation.json(Base64.getUrlDecoder().decode(parts[1])));
        JsonNode kubernetes = claims.path("kubernetes.io");
        var facts = new ArrayList<String>(List.of(parts.length + " parts"));
        for (String claim : List.of("aud", "iss", "sub")) {
            facts.add(claim + "=" + claims.path(claim));
        }
        facts.add("life=" + (claims.path("exp").asLong() - claims.path("iat").asLong()));
        facts.add("account=" + kubernetes.at("/serviceaccount/name"));
        facts.add("is its uid: " + kubernetes.at("/serviceaccount/uid").asText().equals(account.uid()));
        facts.add("has jti: " + claims.has("jti"));
        return facts;
    }

    static void secretsAndConfigMaps(Steps steps) {
        Reply secret = steps.post("secrets", "{'metadata':{'name':'s'},'stringData':{'key':'value'}}");
        steps.merge("secrets/s", "{'stringData':{'key':'other'}}");
        steps.put("secrets/s", "{'metadata':{'name':'s'},'data':{'key':'dmFsdWU='}}");
        steps.put("secrets/s", "{'metadata':{'name':'s','resourceVersion':'" + secret.version() + "'},'data':{}}");
        steps.post("secrets", "{'metadata':{'name':'s'}}");
        steps.post("secrets", "{'kind':'Sacret','metadata':{'name':'x'}}");
        steps.put("secrets/none", "{'metadata':{'name':'none'}}");
        steps.delete("secrets/s", "{'preconditions':{'resourceVersion':'" + secret.version() + "'}}");
        steps.delete("secrets/s");
        steps.post("configmaps", "{'metadata':{'name':'c'},'data':{'a':'b','c':'d'}}");
        steps.merge("configmaps/c", "{'data':{'a':'b'}}");
        steps.merge("configmaps/c", "{'data':{'a':null}}");
        steps.put("configmaps/c", "{'metadata':{'name':'c','annotations':{}},'data':{'c':'d'}}");
        steps.delete("configmaps/c");
        steps.post("secrets/s", "{'metadata':{'name':'s'}}");
        steps.put("secrets", "{'metadata':{'name':'s'}}");
        steps.get("nonsense");
        steps.get("secrets/s/status");
    }

    static void services(Steps steps) {
        steps.post("services", "{'metadata':{'name':'w'},'spec':{'ports':[{'port':80}]}}");
        steps.merge("services/w", "{'metadata':{'labels':{'a':'b'}}}");
        steps.put("services/w", "{'metadata':{'name':'w'},'spec':{'ports':[{'name':'http','port':8080}]}}");
        steps.delete("services/w");
        steps.post("services", "{'metadata':{'name':'e'},'spec':{'type':'ExternalName','externalName':'example.com'}}");
        String slice = "{'metadata':{'generateName':'w-','labels':{'kubernetes.io/service-name':'w'}},"
                + "'addressType':'IPv4','endpoints':[{'addresses':['192.0.2.7'],'conditions':{'ready':true}}],"
                + "'ports':[{'name':'http','port':8080}]}";
        steps.post("endpointslices", slice.replace("'generateName':'w-'", "'name':'w-1'"));
        steps.merge("endpointslices/w-1", "{'endpoints':[{'addresses':['192.0.2.8']}]}");
        steps.merge("endpointslices/w-1", "{'metadata':{'labels':{'a':'b'}}}");
        steps.merge("endpointslices/w-1", "{'metadata':{'labels':{'a':'b'}}}");
        steps.delete("endpointslices/w-1");
    }

    /** A real server deletes the content step by step, so only the end is compared. */
    static void namespaces(Steps steps) {
        String path = "/api/v1/namespaces/" + steps.namespace();
        steps.get(path);
        steps.await("serviceaccounts/default", 200);
        steps.post("tasks", Steps.task("{'name':'t'}"));
        steps.post("secrets", "{'metadata':{'name':'s'}}");
        steps.delete(path, "{'preconditions':{'uid':'11111111-1111-1111-1111-111111111111'}}");
        steps.delete(path);
        steps.await(path, 404);
        steps.get("tasks/t");
        steps.get("tasks");
        steps.get("secrets");
        steps.post("tasks", Steps.task("{'name':'t'}"));
        steps.post("/api/v1/namespaces", "{'metadata':{'name':'" + steps.namespace() + "'}}");
        steps.await("serviceaccounts/default", 200);
        steps.get("tasks");
        steps.post("tasks", Steps.task("{'name':'t'}"));
    }
}
