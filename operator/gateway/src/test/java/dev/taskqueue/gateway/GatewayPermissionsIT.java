package dev.taskqueue.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.cloud.tasks.v2.CloudTasksGrpc.CloudTasksBlockingStub;
import com.google.cloud.tasks.v2.CreateQueueRequest;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.DeleteQueueRequest;
import com.google.cloud.tasks.v2.GetTaskRequest;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.ListQueuesRequest;
import com.google.cloud.tasks.v2.ListTasksRequest;
import com.google.cloud.tasks.v2.Queue;
import com.google.cloud.tasks.v2.Task;
import dev.taskqueue.controlplane.testing.Prerequisite;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.gateway.mapping.ObjectJson;
import dev.taskqueue.gateway.testing.AuditTrail;
import dev.taskqueue.gateway.testing.RealCluster;
import dev.taskqueue.gateway.testing.TestGateway;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The gateway uses all that the chart grants it and is denied nothing; the API server's audit log says so, and who made each call. */
@Requires({Prerequisite.CONTROL_PLANE, Prerequisite.HELM})
class GatewayPermissionsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String ACCOUNT = "system:serviceaccount:shop:";
    private static final String QUEUE = TestGateway.PARENT + "/queues/orders";

    private static RealCluster cluster;
    private static TestGateway gateway;

    @BeforeAll
    static void start() {
        cluster = RealCluster.ofChart();
        gateway = new TestGateway(cluster.gatewayTransport(), TestGateway.rules(TestGateway.MAPPING));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        cluster.close();
    }

    private static CloudTasksBlockingStub as(String account) {
        return gateway.tasks(cluster.tokenFor("shop", account, TestGateway.AUDIENCE));
    }

    private static CreateTaskRequest task(String queue, String id) {
        return CreateTaskRequest.newBuilder()
                .setParent(queue)
                .setTask(Task.newBuilder()
                        .setName(id.isEmpty() ? "" : queue + "/tasks/" + id)
                        .setHttpRequest(HttpRequest.newBuilder().setUrl("http://order-worker/")))
                .build();
    }

    private static Status.Code code(Runnable call) {
        return catchThrowableOfType(StatusRuntimeException.class, call::run)
                .getStatus()
                .getCode();
    }

    @Test
    void allThatItIsGrantedIsUsedAndEachCallIsMadeAsItsProducer() throws IOException {
        CloudTasksBlockingStub admin = as("admin");
        admin.createQueue(CreateQueueRequest.newBuilder()
                .setParent(TestGateway.PARENT)
                .setQueue(Queue.newBuilder().setName(QUEUE))
                .build());
        as("producer").createTask(task(QUEUE, "order-4711"));
        admin.getTask(
                GetTaskRequest.newBuilder().setName(QUEUE + "/tasks/order-4711").build());
        admin.listTasks(ListTasksRequest.newBuilder().setParent(QUEUE).build());
        admin.listQueues(
                ListQueuesRequest.newBuilder().setParent(TestGateway.PARENT).build());
        CloudTasksBlockingStub stranger = as("stranger");
        assertThat(code(() -> stranger.createTask(task(QUEUE, "")))).isEqualTo(Status.Code.PERMISSION_DENIED);
        // An unknown queue is read by the gateway itself, and then it asks what the caller may do.
        assertThat(code(() -> as("producer").createTask(task(TestGateway.PARENT + "/queues/unheard-of", ""))))
                .isEqualTo(Status.Code.NOT_FOUND);
        admin.deleteQueue(DeleteQueueRequest.newBuilder().setName(QUEUE).build());

        // A watch is in the log once it has begun, and an answer once it is sent.
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(used()).isEqualTo(granted()));
        assertThat(cluster.audit().entries())
                .filteredOn(entry -> entry.actedAs().isEmpty())
                .as("requests of its own that were denied")
                .allMatch(AuditTrail.Entry::allowed);
        assertThat(actedAs("create", "tasks.taskqueue.dev", 201)).containsExactly(ACCOUNT + "producer");
        assertThat(actedAs("create", "tasks.taskqueue.dev", 403)).containsExactly(ACCOUNT + "stranger");
        assertThat(actedAs("get", "tasks.taskqueue.dev", 200)).containsOnly(ACCOUNT + "admin");
        assertThat(actedAs("list", "tasks.taskqueue.dev", 200)).containsExactly(ACCOUNT + "admin");
        assertThat(actedAs("create", "taskqueues.taskqueue.dev", 201)).containsExactly(ACCOUNT + "admin");
        assertThat(actedAs("delete", "taskqueues.taskqueue.dev", 200)).containsExactly(ACCOUNT + "admin");
        assertThat(actedAs("deletecollection", "tasks.taskqueue.dev", 200)).containsExactly(ACCOUNT + "admin");
        assertThat(cluster.audit().entries())
                .filteredOn(entry -> entry.resource().equals("tasks.taskqueue.dev"))
                .as("no Task is read or written under the gateway's own name")
                .noneMatch(entry -> entry.actedAs().isEmpty());
    }

    private static java.util.List<String> actedAs(String verb, String resource, int code) {
        return cluster.audit().entries().stream()
                .filter(entry -> entry.verb().equals(verb) && entry.resource().equals(resource) && entry.code() == code)
                .map(AuditTrail.Entry::actedAs)
                .toList();
    }

    /** What the log shows: requests of its own, and the accounts it acted as. */
    private static Set<String> used() {
        var used = new TreeSet<String>();
        for (AuditTrail.Entry entry : cluster.audit().entries()) {
            used.add(
                    entry.actedAs().isEmpty()
                            ? entry.verb() + " " + entry.resource()
                            : "impersonate serviceaccounts " + entry.actedAs().replace(ACCOUNT, ""));
        }
        return used;
    }

    /** What the roles that are bound to the account grant. */
    private static Set<String> granted() throws IOException {
        var granted = new TreeSet<String>();
        JsonNode bindings = ObjectJson.MAPPER.readTree(
                cluster.kubectl("get", "rolebindings,clusterrolebindings", "-A", "-o", "json"));
        for (JsonNode binding : bindings.path("items")) {
            JsonNode subject = binding.path("subjects").path(0);
            if (subject.path("name").asText().equals("taskqueue-gateway")) {
                JsonNode role = ObjectJson.MAPPER.readTree(cluster.kubectl(
                        "-n",
                        binding.at("/metadata/namespace").asText("default"),
                        "get",
                        binding.at("/roleRef/kind").asText(),
                        binding.at("/roleRef/name").asText(),
                        "-o",
                        "json"));
                role.path("rules").forEach(rule -> add(rule, granted));
            }
        }
        return granted;
    }

    private static void add(JsonNode rule, Set<String> granted) {
        String group = rule.at("/apiGroups/0").asText();
        for (JsonNode verb : rule.path("verbs")) {
            for (JsonNode resource : rule.path("resources")) {
                String right = verb.asText() + " " + resource.asText() + (group.isEmpty() ? "" : "." + group);
                JsonNode names = rule.path("resourceNames");
                if (names.isEmpty()) {
                    granted.add(right);
                }
                names.forEach(name -> granted.add(right + " " + name.asText()));
            }
        }
    }
}
