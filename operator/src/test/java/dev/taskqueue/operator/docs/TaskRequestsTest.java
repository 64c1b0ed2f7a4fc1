package dev.taskqueue.operator.docs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Without {@code fieldValidation=Strict} the API server drops a misspelt {@code scheduleTime} and the Task is sent at once. */
class TaskRequestsTest {
    @Test
    void everySampleAndPageCreatesTasksStrictly() {
        var requests = TaskRequests.all();

        assertThat(requests)
                .allSatisfy(request -> assertThat(request.isStrict())
                        .as("%s: %s", request.file(), request.text())
                        .isTrue());
        assertThat(requests)
                .extracting(TaskRequests.Request::file)
                .contains(
                        "docs/client.md",
                        "samples/curl/README.md",
                        "samples/orders/node/tasks.js",
                        "samples/orders/python/tasks.py");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "await api.createNamespacedCustomObject({...where, body: task})",
                "api.create_namespaced_custom_object(**where, body=task)",
                "curl $TASKS -d @task.json",
                "curl -H 'Content-Type: application/json' \\\n  https://k/apis/taskqueue.dev/v1beta1/namespaces/a/tasks --data-binary @t",
                "curl $TASKS?fieldValidation=Ignore -d @task.json",
            })
    void aRequestWithoutStrictIsFound(String text) {
        assertThat(TaskRequests.of("page.md", text))
                .singleElement()
                .satisfies(request -> assertThat(request.isStrict()).isFalse());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "curl $TASKS/hello-curl",
                "curl -X DELETE $TASKS/hello-curl",
                "curl -d '{}' http://localhost:8090/orders"
            })
    void readingDeletingAndOtherUrlsAreNoCreation(String text) {
        assertThat(TaskRequests.of("page.md", text)).isEmpty();
    }
}
