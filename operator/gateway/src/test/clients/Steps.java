import com.google.api.gax.rpc.ApiException;
import com.google.cloud.location.ListLocationsRequest;
import com.google.cloud.location.Location;
import com.google.cloud.tasks.v2.AppEngineHttpRequest;
import com.google.cloud.tasks.v2.AppEngineRouting;
import com.google.cloud.tasks.v2.CloudTasksClient;
import com.google.cloud.tasks.v2.CloudTasksSettings;
import com.google.cloud.tasks.v2.GetTaskRequest;
import com.google.cloud.tasks.v2.HttpMethod;
import com.google.cloud.tasks.v2.HttpRequest;
import com.google.cloud.tasks.v2.ListTasksRequest;
import com.google.cloud.tasks.v2.LocationName;
import com.google.cloud.tasks.v2.OidcToken;
import com.google.cloud.tasks.v2.Queue;
import com.google.cloud.tasks.v2.QueueName;
import com.google.cloud.tasks.v2.RateLimits;
import com.google.cloud.tasks.v2.RetryConfig;
import com.google.cloud.tasks.v2.Task;
import com.google.cloud.tasks.v2.TaskName;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The same steps with each transport of Google's Java client: prints what comes back, for a comparison with transcript.txt. The argument is the
 * transport, grpc or rest. Everything else is found in the environment, as in a Pod.
 */
public final class Steps {
    private static final LocationName PARENT = LocationName.of("demo", "us-central1");

    private final CloudTasksClient client;
    private final String queueId;
    private final QueueName queue;

    private Steps(CloudTasksClient client, String transport) {
        this.client = client;
        queueId = "java-" + transport;
        queue = QueueName.of("demo", "us-central1", queueId);
    }

    public static void main(String[] arguments) throws IOException {
        String transport = arguments[0];
        CloudTasksSettings.Builder settings =
                transport.equals("rest") ? CloudTasksSettings.newHttpJsonBuilder() : CloudTasksSettings.newBuilder();
        try (CloudTasksClient client = CloudTasksClient.create(settings.build())) {
            var steps = new Steps(client, transport);
            steps.changeQueue();
            Task task = steps.createTask();
            steps.createOtherTasks();
            steps.end(task);
        }
    }

    private void changeQueue() {
        Queue wanted = Queue.newBuilder()
                .setName(queue.toString())
                .setRateLimits(RateLimits.newBuilder().setMaxDispatchesPerSecond(5).setMaxConcurrentDispatches(2))
                .setRetryConfig(RetryConfig.newBuilder().setMaxAttempts(7).setMinBackoff(Duration.newBuilder().setSeconds(2)))
                .build();
        Queue created = client.createQueue(PARENT, wanted);
        RateLimits rate = created.getRateLimits();
        print(
                "created queue",
                shortened(created.getName()),
                created.getState(),
                (long) rate.getMaxDispatchesPerSecond(),
                rate.getMaxConcurrentDispatches(),
                created.getRetryConfig().getMaxAttempts(),
                created.getRetryConfig().getMinBackoff().getSeconds() + "s");
        refused("created queue again", () -> client.createQueue(PARENT, wanted));
        RateLimits updated = client.updateQueue(
                        Queue.newBuilder()
                                .setName(queue.toString())
                                .setRateLimits(RateLimits.newBuilder().setMaxDispatchesPerSecond(9))
                                .build(),
                        FieldMask.newBuilder().addPaths("rate_limits.max_dispatches_per_second").build())
                .getRateLimits();
        print("updated queue", (long) updated.getMaxDispatchesPerSecond(), updated.getMaxConcurrentDispatches());
        print("paused queue", client.pauseQueue(queue).getState());
        print("resumed queue", client.resumeQueue(queue).getState());
        print("listed queue", all(client.listQueues(PARENT).iterateAll()).anyMatch(one -> one.getName().equals(queue.toString())));
        var locations = client.listLocations(ListLocationsRequest.newBuilder().setName("projects/demo").build());
        print("location", all(locations.iterateAll()).map(Location::getLocationId).collect(Collectors.joining(" ")));
        var asked = TestIamPermissionsRequest.newBuilder().setResource(queue.toString()).addPermissions("cloudtasks.tasks.create");
        print("granted", String.join(" ", client.testIamPermissions(asked.build()).getPermissionsList()));
    }

    private Task createTask() {
        Task task = Task.newBuilder()
                .setName(TaskName.of("demo", "us-central1", queueId, "order_4711-invoice").toString())
                .setHttpRequest(HttpRequest.newBuilder()
                        .setUrl("http://order-worker/tasks/invoice")
                        .setHttpMethod(HttpMethod.PUT)
                        .putHeaders("Content-Type", "application/json")
                        .setBody(ByteString.copyFromUtf8("{\"orderId\": \"4711\"}")))
                .setDispatchDeadline(Duration.newBuilder().setSeconds(60))
                .build();
        Task created = client.createTask(queue, task);
        print(
                "created task",
                shortened(created.getName()),
                created.getHttpRequest().getUrl(),
                created.getHttpRequest().getHttpMethod());
        refused("created task again", () -> client.createTask(queue, task));
        Task read = client.getTask(GetTaskRequest.newBuilder()
                .setName(created.getName())
                .setResponseView(Task.View.FULL)
                .build());
        print(
                "read task",
                read.getHttpRequest().getBody().toStringUtf8(),
                read.getDispatchDeadline().getSeconds() + "s",
                read.getView());
        return created;
    }

    private void createOtherTasks() {
        Timestamp at = Timestamp.newBuilder()
                .setSeconds(Instant.now().getEpochSecond() + 3600)
                .setNanos(123_456_000)
                .build();
        Task later = Task.newBuilder()
                .setHttpRequest(HttpRequest.newBuilder().setUrl("http://order-worker/"))
                .setScheduleTime(at)
                .build();
        Timestamp scheduled = client.createTask(queue, later).getScheduleTime();
        print("scheduled task", scheduled.equals(at) ? "as asked" : scheduled);
        Task mail = Task.newBuilder()
                .setHttpRequest(HttpRequest.newBuilder()
                        .setUrl("https://my-worker.run.app/mails")
                        .setOidcToken(OidcToken.newBuilder().setServiceAccountEmail("sa@demo.iam.gserviceaccount.com")))
                .build();
        OidcToken token = client.createTask(queue, mail).getHttpRequest().getOidcToken();
        print("task with a token", token.getServiceAccountEmail(), token.getAudience());
        Task visit = Task.newBuilder()
                .setAppEngineHttpRequest(AppEngineHttpRequest.newBuilder()
                        .setRelativeUri("/mails?id=7")
                        .setAppEngineRouting(AppEngineRouting.newBuilder().setService("worker").setVersion("v2"))
                        .setBody(ByteString.copyFromUtf8("hello")))
                .build();
        AppEngineHttpRequest target = client.createTask(queue, visit).getAppEngineHttpRequest();
        print(
                "task for App Engine",
                target.getRelativeUri(),
                target.getAppEngineRouting().getService(),
                target.getAppEngineRouting().getVersion());
    }

    private void end(Task task) {
        var pages = client.listTasks(
                ListTasksRequest.newBuilder().setParent(queue.toString()).setPageSize(3).build());
        print("listed tasks", all(pages.iterateAll()).count());
        print("ran task", shortened(client.runTask(task.getName()).getName()));
        client.deleteTask(task.getName());
        System.out.println("deleted task");
        refused("read task again", () -> client.getTask(task.getName()));
        Task wrong = Task.newBuilder().setHttpRequest(HttpRequest.newBuilder().setUrl("ftp://x")).build();
        refused("wrong url", () -> client.createTask(queue, wrong));
        refused("foreign project", () -> client.getQueue(QueueName.of("other", "us-central1", "q")));
        print("purged queue", client.purgeQueue(queue).getState());
        client.deleteQueue(queue);
        System.out.println("deleted queue");
        refused("read queue again", () -> client.getQueue(queue));
    }

    private static void refused(String what, Runnable call) {
        try {
            call.run();
            print(what, "went through");
        } catch (ApiException refusal) {
            String sentence = sentence(refusal.getCause());
            int code = refusal.getStatusCode().getCode().getHttpStatusCode();
            print(what, "refused, " + code + ", " + sentence.substring(0, Math.min(40, sentence.length())).strip());
        }
    }

    /** Over gRPC the code comes before it; over REST it is in the JSON of the answer, of which the client makes its message. */
    private static String sentence(Throwable cause) {
        String text = Objects.toString(cause.getMessage());
        var json = Pattern.compile("\"message\"\\s*:\\s*\"(.*?)(?<!\\\\)\"", Pattern.DOTALL).matcher(text);
        return json.find() ? json.group(1).replace("\\\"", "\"") : text.replaceFirst("^[A-Z_]+: ", "");
    }

    private static <T> Stream<T> all(Iterable<T> values) {
        return StreamSupport.stream(values.spliterator(), false);
    }

    private String shortened(String name) {
        return name.replace(queueId, "QUEUE");
    }

    private static void print(String what, Object... values) {
        System.out.println(what + ": " + Stream.of(values).map(String::valueOf).collect(Collectors.joining(" ")));
    }
}
