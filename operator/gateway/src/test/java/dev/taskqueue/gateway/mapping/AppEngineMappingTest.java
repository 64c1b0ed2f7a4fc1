package dev.taskqueue.gateway.mapping;

import static dev.taskqueue.gateway.mapping.MappedTasks.APP_ENGINE;
import static dev.taskqueue.gateway.mapping.MappedTasks.PLAIN;
import static dev.taskqueue.gateway.mapping.MappedTasks.QUEUE;
import static dev.taskqueue.gateway.mapping.MappedTasks.refused;
import static dev.taskqueue.gateway.mapping.MappedTasks.spec;
import static dev.taskqueue.gateway.mapping.MappedTasks.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.cloud.tasks.v2.AppEngineHttpRequest;
import com.google.cloud.tasks.v2.AppEngineRouting;
import com.google.cloud.tasks.v2.Task;
import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A task for App Engine as a Task, and back. */
class AppEngineMappingTest {
    private static Task appEngine(Consumer<AppEngineHttpRequest.Builder> change) {
        var request = AppEngineHttpRequest.newBuilder().setRelativeUri("/handle?x=1");
        change.accept(request);
        return Task.newBuilder().setAppEngineHttpRequest(request).build();
    }

    @Test
    void aTaskForAppEngineGoesToTheServiceOfItsRouting() {
        Task task = appEngine(request -> request.setBody(ByteString.copyFromUtf8("x"))
                .setAppEngineRouting(
                        AppEngineRouting.newBuilder().setService("worker").setVersion("v2")));
        ObjectNode object = write(task, APP_ENGINE);
        assertThat(spec(object).at("/serviceRef/name").asText()).isEqualTo("worker-v2");
        assertThat(spec(object).at("/headers/Content-Type").asText()).isEqualTo("application/octet-stream");
        AppEngineHttpRequest back =
                TaskMessageWriter.write(object, QUEUE, Task.View.FULL).getAppEngineHttpRequest();
        assertThat(back.getRelativeUri()).isEqualTo("/handle?x=1");
        assertThat(back.getAppEngineRouting().getService()).isEqualTo("worker");
        assertThat(back.getAppEngineRouting().getVersion()).isEqualTo("v2");
        assertThat(back.getAppEngineRouting().getHost()).isEqualTo("worker-v2.shop.svc");
        assertThat(back.getBody().toStringUtf8()).isEqualTo("x");
    }

    @Test
    void withoutARoutingTheServiceIsCalledDefault() {
        assertThat(spec(write(appEngine(request -> {}), APP_ENGINE))
                        .at("/serviceRef/name")
                        .asText())
                .isEqualTo("default");
        refused(
                Code.INVALID_ARGUMENT,
                "gateway.appEngine",
                () -> write(
                        appEngine(request -> request.setAppEngineRouting(
                                AppEngineRouting.newBuilder().setVersion("v9"))),
                        APP_ENGINE));
        refused(
                Code.INVALID_ARGUMENT,
                "instance",
                () -> write(
                        appEngine(request -> request.setAppEngineRouting(
                                AppEngineRouting.newBuilder().setInstance("i"))),
                        APP_ENGINE));
        refused(Code.FAILED_PRECONDITION, "headerFamilies", () -> write(appEngine(request -> {}), PLAIN));
    }

    @Test
    void theRoutingOfTheQueueWins() {
        var queue = new QueueSnapshot("orders", "orders", true, false, "{\"service\":\"worker\",\"version\":\"v2\"}");
        assertThat(spec(write(appEngine(request -> {}), queue))
                        .at("/serviceRef/name")
                        .asText())
                .isEqualTo("worker-v2");
    }
}
