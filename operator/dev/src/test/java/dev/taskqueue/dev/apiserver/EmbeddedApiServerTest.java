package dev.taskqueue.dev.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedApiServerTest {
    private static final Instant NOW = Instant.parse("2026-11-21T09:00:00.5Z");
    private static final String TASK = "{metadata: {name: %s}, spec: {queueRef: {name: q}, httpRequest: {body: x}}}";

    private final EmbeddedApiServer server = EmbeddedApiServer.start(0, InstantSource.fixed(NOW));
    private final Http http = new Http(server.url());

    @AfterEach
    void stop() {
        http.close();
        server.close();
    }

    private ObjectNode create(String name) {
        Http.Reply reply = http.post(Http.TASKS, TASK.formatted(name));
        assertThat(reply.code()).as(reply.body().toString()).isEqualTo(201);
        return (ObjectNode) reply.body();
    }

    @Test
    void aNewObjectGetsWhatOnlyTheServerKnows() {
        ObjectNode task = create("a");
        JsonNode metadata = task.path("metadata");
        assertThat(metadata.path("creationTimestamp").asText()).isEqualTo("2026-11-21T09:00:00Z");
        assertThat(metadata.path("uid").asText()).hasSize(36);
        assertThat(metadata.path("generation").asInt()).isEqualTo(1);
        assertThat(metadata.path("namespace").asText()).isEqualTo("default");
        assertThat(task.path("status").path("state").asText()).isEqualTo("Pending");
        assertThat(http.get(Http.TASKS + "/a").body()).isEqualTo(task);
    }

    @Test
    void aNameIsTakenOnceAndGeneratedOnesDiffer() {
        create("a");
        Http.Reply second = http.post(Http.TASKS, TASK.formatted("a"));
        assertThat(second.code()).isEqualTo(409);
        assertThat(second.body().path("reason").asText()).isEqualTo("AlreadyExists");
        String generated = TASK.formatted("a").replace("name: a", "generateName: g-");
        String one = Metadata.name(http.post(Http.TASKS, generated).body());
        String other = Metadata.name(http.post(Http.TASKS, generated).body());
        assertThat(List.of(one, other)).allMatch(name -> name.matches("g-.{5}")).doesNotHaveDuplicates();
    }

    @Test
    void statusIsWrittenThroughItsSubresourceAlone() {
        http.post(
                Http.TASKS,
                "{metadata: {name: a}, spec: {queueRef: {name: q}, httpRequest: {}}, status: {state: Failed}}");
        assertThat(state("a")).isEqualTo("Pending");
        http.patch(Http.TASKS + "/a", "merge-patch", "{status: {state: Failed}, metadata: {labels: {x: y}}}");
        assertThat(state("a")).isEqualTo("Pending");
        JsonNode written = http.patch(
                        Http.TASKS + "/a/status",
                        "merge-patch",
                        "{status: {state: Failed}, metadata: {labels: {x: z}}}")
                .body();
        assertThat(state("a")).isEqualTo("Failed");
        assertThat(written.path("metadata").path("labels").path("x").asText()).isEqualTo("y");
        assertThat(written.path("metadata").path("generation").asInt()).isEqualTo(1);
    }

    private String state(String name) {
        return http.get(Http.TASKS + "/" + name)
                .body()
                .path("status")
                .path("state")
                .asText();
    }

    @Test
    void aWriteBasedOnAnOldVersionIsAConflictAndOneThatChangesNothingIsNoWrite() {
        String old = Metadata.version(create("a"));
        String label = "{metadata: {resourceVersion: '%s', labels: {x: y}}}";
        JsonNode labelled = http.patch(Http.TASKS + "/a", "merge-patch", label.formatted(old))
                .body();
        assertThat(http.patch(Http.TASKS + "/a", "merge-patch", label.formatted(old))
                        .code())
                .isEqualTo(409);
        JsonNode again = http.patch(Http.TASKS + "/a", "merge-patch", "{metadata: {labels: {x: y}}}")
                .body();
        assertThat(Metadata.version(again))
                .isEqualTo(Metadata.version(labelled))
                .isNotEqualTo(old);
    }

    @Test
    void aReplacementNeedsTheVersionItIsBasedOn() {
        ObjectNode task = create("a");
        Metadata.of(task).putObject("labels").put("x", "y");
        assertThat(http.put(Http.TASKS + "/a", task).code()).isEqualTo(200);
        assertThat(http.put(Http.TASKS + "/a", task).code()).isEqualTo(409);
        Metadata.of(task).remove("resourceVersion");
        assertThat(http.put(Http.TASKS + "/a", task).code()).isEqualTo(422);
    }

    @Test
    void aDeleteHoldsToItsPreconditions() {
        ObjectNode task = create("a");
        assertThat(http.delete(Http.TASKS + "/a", "{preconditions: {uid: other}}")
                        .code())
                .isEqualTo(409);
        assertThat(http.delete(Http.TASKS + "/a", "{preconditions: {resourceVersion: '1'}}")
                        .code())
                .isEqualTo(409);
        String exact = "{preconditions: {uid: %s, resourceVersion: '%s'}}"
                .formatted(Metadata.uid(task), Metadata.version(task));
        assertThat(http.delete(Http.TASKS + "/a", exact).code()).isEqualTo(200);
        assertThat(http.get(Http.TASKS + "/a").code()).isEqualTo(404);
    }

    @Test
    void anObjectWithAFinalizerGoesWhenThatIsRemoved() {
        create("a");
        http.patch(Http.TASKS + "/a", "merge-patch", "{metadata: {finalizers: [example.com/x]}}");
        http.delete(Http.TASKS + "/a", "{}");
        assertThat(Metadata.isBeingDeleted(http.get(Http.TASKS + "/a").body())).isTrue();
        http.patch(Http.TASKS + "/a", "json-patch", "[{op: remove, path: /metadata/finalizers}]");
        assertThat(http.get(Http.TASKS + "/a").code()).isEqualTo(404);
    }

    @Test
    void aDryRunJudgesAndKeepsNothing() {
        assertThat(http.post(Http.TASKS + "?dryRun=All", TASK.formatted("a")).code())
                .isEqualTo(201);
        assertThat(http.get(Http.TASKS + "/a").code()).isEqualTo(404);
        assertThat(http.post(Http.TASKS + "?dryRun=All", "{metadata: {name: a}, spec: {}}")
                        .code())
                .isEqualTo(422);
    }

    @Test
    void aListComesInPagesAndAWatchGoesOnFromTheFirst() {
        List.of("a", "b", "c", "d", "e").forEach(this::create);
        var names = new ArrayList<String>();
        String token = "";
        String version = "";
        do {
            JsonNode page = http.get(Http.TASKS + "?limit=2&continue=" + token).body();
            page.path("items").forEach(item -> names.add(Metadata.name(item)));
            token = Metadata.text(page, "continue");
            if (version.isEmpty()) {
                version = Metadata.version(page);
                create("between");
            }
            assertThat(Metadata.version(page)).isEqualTo(version);
        } while (!token.isEmpty());
        assertThat(names).containsExactly("a", "b", "between", "c", "d", "e");
        assertThat(watched("resourceVersion=" + version)).containsExactly("ADDED between");
    }

    @Test
    void aWatchTellsWhatHappensToWhatItSelects() {
        String from = Metadata.version(http.get(Http.TASKS).body());
        create("a");
        create("b");
        http.patch(Http.TASKS + "/a/status", "merge-patch", "{status: {state: Failed}}");
        http.patch(Http.TASKS + "/a/status", "merge-patch", "{status: {dispatchCount: 2}}");
        http.patch(Http.TASKS + "/a/status", "merge-patch", "{status: {state: Queued}}");
        http.delete(Http.TASKS + "/b", "{}");
        assertThat(watched("resourceVersion=" + from))
                .containsExactly("ADDED a", "ADDED b", "MODIFIED a", "MODIFIED a", "MODIFIED a", "DELETED b");
        assertThat(watched("resourceVersion=" + from + "&fieldSelector=status.state%3DFailed"))
                .containsExactly("ADDED a", "MODIFIED a", "DELETED a");
        assertThat(watched("")).containsExactly("ADDED a");
        assertThat(watched("allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"))
                .containsExactly("ADDED a", "BOOKMARK ", "BOOKMARK ");
    }

    @Test
    void aWatchFromAVersionOfAnotherRunIsToldToListAnew() {
        assertThat(watched("resourceVersion=1000000")).containsExactly("ERROR 410");
    }

    /** The events of a watch that lasts one second. */
    private List<String> watched(String query) {
        try (var events = http.watch(Http.TASKS + "?watch=true&timeoutSeconds=1&" + query)) {
            return events.map(event -> event.path("type").asText() + " "
                            + event.path("object").path("code").asText(Metadata.name(event.path("object"))))
                    .toList();
        }
    }

    @Test
    void tellsMetadataAloneWhereThatIsAskedFor() {
        create("a");
        String accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
        JsonNode partial = http.get(Http.TASKS + "/a", accept).body();
        assertThat(partial.path("kind").asText()).isEqualTo("PartialObjectMetadata");
        assertThat(partial.has("spec")).isFalse();
        assertThat(Metadata.name(partial)).isEqualTo("a");
    }

    @Test
    void aWebPageIsRefused() {
        assertThat(http.getWith(Http.TASKS, "Origin", "https://example.com").code())
                .isEqualTo(403);
    }

    @Test
    void whatIsAppliedIsMarkedAndWhatIsNoLongerSaidGoes() {
        String spec = "{metadata: {labels: {%s: x}}, spec: {queueRef: {name: q}, httpRequest: {}}}";
        String path = Http.TASKS + "/a?fieldManager=me";
        assertThat(http.apply(path, spec.formatted("one")).code()).isEqualTo(201);
        JsonNode metadata = http.apply(path, spec.formatted("two")).body().path("metadata");
        assertThat(metadata.path("labels")).isEqualTo(Trees.of("{two: x}"));
        assertThat(metadata.path("managedFields")).hasSize(1);
        assertThat(metadata.path("managedFields").path(0).path("operation").asText())
                .isEqualTo("Apply");
    }

    @Test
    void protobufAloneIsNotServed() {
        assertThat(http.get(Http.TASKS, "application/vnd.kubernetes.protobuf").code())
                .isEqualTo(406);
    }

    @Test
    void aTableHasTheColumnsOfTheCrd() {
        create("a");
        JsonNode table = http.get(Http.TASKS, "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")
                .body();
        assertThat(StreamSupport.stream(table.path("columnDefinitions").spliterator(), false)
                        .map(column -> column.path("name").asText()
                                + column.path("priority").asText()))
                .containsExactly(
                        "Name0",
                        "Queue0",
                        "State0",
                        "Reason0",
                        "Attempts0",
                        "Code0",
                        "Next0",
                        "Age0",
                        "Target1",
                        "Completed1");
        assertThat(table.path("rows").path(0).path("cells"))
                .isEqualTo(Trees.of("{c: [a, q, Pending, Pending, null, null, null, 0s, null, null]}")
                        .path("c"));
    }

    @Test
    void aTokenIsSignedByThePublishedKeyForAnAccountThatExists() throws Exception {
        String accounts = "/api/v1/namespaces/default/serviceaccounts";
        String request = "{spec: {audiences: [http://w.default.svc], expirationSeconds: 3600}}";
        assertThat(http.post(accounts + "/w/token", request).code()).isEqualTo(404);
        http.post(accounts, "{metadata: {name: w}}");
        JsonNode status = http.post(accounts + "/w/token", request).body().path("status");
        var token = SignedJWT.parse(status.path("token").asText());
        var keys = JWKSet.parse(http.get("/openid/v1/jwks").body().toString());
        var key = keys.getKeyByKeyId(token.getHeader().getKeyID()).toRSAKey();
        assertThat(token.verify(new RSASSAVerifier(key))).isTrue();
        assertThat(key.isPrivate()).isFalse();
        var claims = token.getJWTClaimsSet();
        assertThat(claims.getSubject()).isEqualTo("system:serviceaccount:default:w");
        assertThat(claims.getAudience()).containsExactly("http://w.default.svc");
        assertThat(claims.getExpirationTime()).isEqualTo("2026-11-21T10:00:00Z");
        assertThat(claims.getIssuer())
                .isEqualTo(http.get("/.well-known/openid-configuration")
                        .body()
                        .path("issuer")
                        .asText());
    }

    @Test
    void withANamespaceGoesWhatIsInIt() {
        http.post("/api/v1/namespaces", "{metadata: {name: n}}");
        String tasks = Http.TASKS.replace("/default/", "/n/");
        assertThat(http.post(tasks, TASK.formatted("a")).code()).isEqualTo(201);
        http.delete("/api/v1/namespaces/n", "{}");
        assertThat(http.get(tasks).body().path("items")).isEmpty();
        assertThat(http.post(tasks, TASK.formatted("a")).code()).isEqualTo(404);
    }

    @Test
    void aServiceWithoutAnAddressIsHeadlessBecauseNothingForwards() {
        String services = "/api/v1/namespaces/default/services";
        JsonNode bare = http.post(services, "{metadata: {name: a}, spec: {ports: [{port: 80}]}}")
                .body();
        assertThat(bare.path("spec").path("clusterIP").asText()).isEqualTo("None");
        JsonNode given = http.post(services, "{metadata: {name: b}, spec: {clusterIP: 127.20.0.1}}")
                .body();
        assertThat(given.path("spec").path("clusterIP").asText()).isEqualTo("127.20.0.1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void fabric8sInformersFollow(boolean onlyHttp) throws InterruptedException {
        // false: the client tries a WebSocket first and must change to plain HTTP at once.
        var config = new ConfigBuilder(server.clientConfig())
                .withOnlyHttpWatches(onlyHttp)
                .build();
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (var client = new KubernetesClientBuilder().withConfig(config).build();
                var informer = client.configMaps().inAnyNamespace().inform(new Hearer(heard))) {
            assertThat(informer.hasSynced()).isTrue();
            var map = new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName("m")
                    .endMetadata()
                    .build();
            client.resource(map).create();
            assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("added m");
            client.resource(map).delete();
            assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("deleted m");
        }
    }

    private record Hearer(BlockingQueue<String> heard) implements ResourceEventHandler<ConfigMap> {
        @Override
        public void onAdd(ConfigMap map) {
            heard.add("added " + map.getMetadata().getName());
        }

        @Override
        public void onUpdate(@Nullable ConfigMap before, ConfigMap after) {
            heard.add("updated " + after.getMetadata().getName());
        }

        @Override
        public void onDelete(ConfigMap map, boolean unknown) {
            heard.add("deleted " + map.getMetadata().getName());
        }
    }
}
