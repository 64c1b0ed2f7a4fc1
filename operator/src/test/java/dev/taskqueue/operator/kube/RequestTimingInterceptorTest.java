package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestTimingInterceptorTest {
    private final MockWebServer server = new MockWebServer();
    private final AtomicLong nanos = new AtomicLong();
    private final RequestTimingInterceptor interceptor = new RequestTimingInterceptor(() -> nanos.getAndAdd(1_000_000));
    private final List<String> heard = new ArrayList<>();
    private final OkHttpClient client =
            new OkHttpClient.Builder().addInterceptor(interceptor).build();

    private final RequestListener listener = new RequestListener() {
        @Override
        public void answered(String verb, String resource, int code, Duration took) {
            heard.add(verb + " " + resource + " " + code + " " + took.toMillis() + "ms");
        }

        @Override
        public void watchRestarted(String resource) {
            heard.add("again " + resource);
        }
    };

    @BeforeEach
    void start() throws IOException {
        server.start();
        interceptor.report(listener);
    }

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, apis/taskqueue.dev/v1beta1/tasks?limit=1000, list tasks",
        "GET, apis/taskqueue.dev/v1beta1/namespaces/shop/tasks, list tasks",
        "GET, apis/taskqueue.dev/v1beta1/namespaces/shop/tasks/a, get tasks",
        "PATCH, apis/taskqueue.dev/v1beta1/namespaces/shop/tasks/a/status?fieldManager=x, patch tasks",
        "DELETE, apis/taskqueue.dev/v1beta1/namespaces/shop/taskbatches/b, delete taskbatches",
        "PUT, apis/coordination.k8s.io/v1/namespaces/ops/leases/taskqueue, update leases",
        "POST, api/v1/namespaces/shop/serviceaccounts/caller/token, create serviceaccounts",
        "GET, apis/taskqueue.dev/v1beta1/tasks?watch=true&resourceVersion=5, watch tasks",
        "GET, apis/taskqueue.dev/v1beta1/taskqueues?watch=1, watch taskqueues",
        "GET, api/v1/namespaces/shop, get namespaces",
        "GET, api/v1/namespaces/shop/pods, list other",
        "GET, k8s/clusters/c-1/apis/taskqueue.dev/v1beta1/tasks, list tasks",
        "GET, version, get other",
        "GET, apis/taskqueue.dev/v1beta1, get other",
        "OPTIONS, api, other other"
    })
    void aRequestIsNamedAsTheAuditLogNamesIt(String method, String path, String name) throws IOException {
        answer(200);
        send(method, path);
        assertThat(heard).containsExactly(name + " 200 1ms");
    }

    @Test
    void aRefusalAndAMissingAnswerAreHeard() throws IOException {
        answer(429);
        send("GET", "api/v1/services");
        server.close();
        assertThatThrownBy(() -> send("GET", "api/v1/services")).isInstanceOf(IOException.class);
        assertThat(heard).containsExactly("list services 429 1ms", "list services 0 1ms");
    }

    @Test
    void aWatchOfTheSameObjectsThatOpensAgainIsARestart() throws IOException {
        String tasks = "apis/taskqueue.dev/v1beta1/namespaces/shop/tasks?watch=true";
        answer(200, 410, 200, 200);
        send("GET", tasks + "&resourceVersion=1");
        send("GET", tasks + "&resourceVersion=2");
        send("GET", tasks + "&resourceVersion=3");
        send("GET", "apis/taskqueue.dev/v1beta1/namespaces/mail/tasks?watch=true");
        assertThat(heard)
                .containsExactly(
                        "watch tasks 200 1ms",
                        "watch tasks 410 1ms",
                        "watch tasks 200 1ms",
                        "again tasks",
                        "watch tasks 200 1ms");
    }

    private void answer(int... codes) {
        for (int code : codes) {
            server.enqueue(new MockResponse.Builder().code(code).body("{}").build());
        }
    }

    private void send(String method, String path) throws IOException {
        RequestBody body = method.equals("GET") || method.equals("OPTIONS") ? null : RequestBody.EMPTY;
        client.newCall(new Request.Builder()
                        .url(server.url("/" + path))
                        .method(method, body)
                        .build())
                .execute()
                .close();
    }
}
