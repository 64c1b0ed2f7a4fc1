package dev.taskqueue.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** Tests what OkHttpTransport asks of its connections. */
class OkHttpTransportTest {
    @Test
    void noPartOfARequestWaitsForTheAcknowledgementOfTheOneBefore() throws IOException {
        var options = new CopyOnWriteArrayList<Boolean>();
        try (MockWebServer server = new MockWebServer()) {
            server.start();
            server.enqueue(new MockResponse.Builder().code(200).body("{}").build());
            try (KubernetesClient client = client(server, options);
                    ApiTransport.Answer answer =
                            new OkHttpTransport(client).send(ApiRequest.get("api"), Duration.ofMinutes(1))) {
                assertThat(answer.code()).isEqualTo(200);
            }
        }
        assertThat(options).as("TCP_NODELAY of the connection").containsExactly(true);
    }

    private static KubernetesClient client(MockWebServer server, List<Boolean> options) {
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl(server.url("/").toString())
                .build();
        var recordsOptions = new OkHttpClientFactory() {
            @Override
            protected void additionalConfig(OkHttpClient.Builder builder) {
                builder.eventListener(new EventListener() {
                    @Override
                    public void connectionReleased(Call call, Connection connection) {
                        try {
                            options.add(connection.socket().getTcpNoDelay());
                        } catch (SocketException closed) {
                            throw new AssertionError(closed);
                        }
                    }
                });
            }
        };
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(recordsOptions)
                .build();
    }
}
