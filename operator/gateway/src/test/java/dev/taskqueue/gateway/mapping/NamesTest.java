package dev.taskqueue.gateway.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.taskqueue.gateway.failure.RpcFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of locations, queues and tasks, and the namespaces that they lead to. */
class NamesTest {
    private static final String LOCATION = "projects/demo/locations/us-central1";

    @Test
    void aQueueIdInCapitalsIsTheTaskQueueInSmallLetters() {
        assertThat(QueueName.parse(LOCATION + "/queues/My-Queue", "name").object())
                .isEqualTo("my-queue");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-a", "a-", "a_b", "", "a.b", "a/b", "ü"})
    void anIdThatCannotBeATaskQueueIsRefused(String id) {
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() -> QueueName.parse(LOCATION + "/queues/" + id, "name"))
                .withMessageStartingWith("Queue name must be formatted: ");
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() -> QueueName.parse(LOCATION + "/queues/" + "a".repeat(64), "name"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.b", "", "a b", "a/b", "ü", "a\r\nb"})
    void anIdThatIsNoKeyIsRefusedForANewTask(String id) {
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() -> TaskName.parse(LOCATION + "/queues/q/tasks/" + id, "name"))
                .satisfies(failure ->
                        assertThat(failure.sentence()).startsWith("Task ID \"").doesNotContain("\r", "\n"));
    }

    @Test
    void theNameOfTheObjectFollowsTheRuleOfAllClients() {
        assertThat(TaskName.parse(LOCATION + "/queues/orders/tasks/order_4711-invoice", "name")
                        .object())
                .isEqualTo(dev.taskqueue.client.TaskNames.of("orders", "order_4711-invoice"));
    }

    @Test
    void theFirstRuleThatMatchesDecidesAboutTheNamespace() {
        MappingRules rules = ((MappingReader.Reading.Valid) MappingReader.read("""
                        namespaces:
                        - {project: demo, location: us-central1, namespace: shop}
                        - {project: demo, location: "*", namespace: elsewhere}
                        - {project: "*", location: "*", namespace: "team-{project}"}
                        """)).rules();
        assertThat(rules.namespace(new LocationName("demo", "us-central1"))).hasValue("shop");
        assertThat(rules.namespace(new LocationName("demo", "x"))).hasValue("elsewhere");
        assertThat(rules.namespace(new LocationName("blue", "x"))).hasValue("team-blue");
        assertThat(rules.namespace(new LocationName("Not.A.Label", "x"))).isEmpty();
        assertThat(rules.fixedNamespaces()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "namespace: []",
                "namespaces: [{project: demo, location: x}]",
                "namespaces: [{project: demo, location: x, namespace: UPPER}]",
                "targets: [{namespace: shop, urlPrefix: 'nothing', serviceRef: {name: a}}]",
                "targets: [{namespace: shop, urlPrefix: 'https://a/', serviceRef: {name: a, port: 70000}}]",
                "targets: [{namespace: shop, urlPrefix: 'https://a/'}]",
                "targets: [{namespace: shop, urlPrefix: 'https://a/', serviceRef: {name: a}, pathPrefix: x}]",
                "oidc: [{namespace: shop, email: a@b}]",
                "namespaces: [null]",
                "]["
            })
    void aFileThatCannotBeRightIsRefusedWithASentence(String text) {
        assertThat(MappingReader.read(text))
                .isInstanceOfSatisfying(
                        MappingReader.Reading.Invalid.class,
                        invalid -> assertThat(invalid.errors())
                                .isNotEmpty()
                                .allSatisfy(error -> assertThat(error).endsWith(".")));
    }
}
