package dev.taskqueue.gateway.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.taskqueue.gateway.failure.RpcFailure;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which Service a url means, and which urls mean none. */
class TargetsTest {
    private static final String RULES = """
            namespaces: [{project: demo, location: "*", namespace: shop}]
            targets:
            - {namespace: shop, urlPrefix: "https://my-worker.run.app/", serviceRef: {name: my-worker, port: http}, pathPrefix: /}
            - {namespace: shop, urlPrefix: "https://my-worker.run.app/v2", serviceRef: {name: worker-v2, port: "8080"}, pathPrefix: /api, scheme: HTTPS}
            - {namespace: shop, urlPrefix: "https://whole.run.app", serviceRef: {name: whole}}
            - {namespace: other, urlPrefix: "https://other.run.app/", serviceRef: {name: other}}
            """;

    private final List<String> unmapped = new ArrayList<>();

    private static MappingRules rules() {
        return ((MappingReader.Reading.Valid) MappingReader.read(RULES)).rules();
    }

    private UrlTargets.Target find(String url) {
        return find(url, false);
    }

    private UrlTargets.Target find(String url, boolean queueOwns) {
        var queue = new QueueSnapshot("orders", "orders", false, queueOwns, null);
        return new UrlTargets(rules(), (namespace, service) -> service.equals("present"), unmapped::add)
                .find(url, "shop", queue);
    }

    @Test
    void noUrlMeansTheServiceThatIsCalledLikeTheQueueWhereThereIsOne() {
        var targets = new UrlTargets(rules(), (namespace, service) -> service.equals("present"), unmapped::add);
        assertThat(targets.find("", "shop", new QueueSnapshot("present", "present", false, false, null)))
                .isEqualTo(new UrlTargets.Target(new MappingRules.ServiceRef("present", null), null, "/"));
        var absent = new QueueSnapshot("absent", "absent", false, false, null);
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() -> targets.find("", "shop", absent))
                .withMessageContaining("HttpRequest.url is required.");
    }

    @ParameterizedTest
    @CsvSource({
        "http://order-worker/a?x=1, order-worker, 80, HTTP, /a?x=1",
        "http://order-worker.shop.svc:8080, order-worker, 8080, HTTP, /",
        "https://order-worker.shop.svc.cluster.local/a, order-worker, 443, HTTPS, /a",
        "HTTP://Order-Worker.SHOP.svc/A, order-worker, 80, HTTP, /A",
        "https://my-worker.run.app/tasks/a?b=c, my-worker, http, , /tasks/a?b=c",
        "https://my-worker.run.app:443/tasks, my-worker, http, , /tasks",
        "HTTPS://MY-WORKER.RUN.APP, my-worker, http, , /",
        "https://my-worker.run.app/v2, worker-v2, 8080, HTTPS, /api",
        "https://my-worker.run.app/v2/a, worker-v2, 8080, HTTPS, /api/a",
        "https://my-worker.run.app/v2?a, worker-v2, 8080, HTTPS, /api?a",
        "https://my-worker.run.app/v23, my-worker, http, , /v23",
        "https://whole.run.app/kept?q, whole, , , /kept?q",
        "https://present.example.com/x, present, , , /x"
    })
    void aUrlMeansAService(String url, String service, String port, String scheme, String path) {
        UrlTargets.Target target = find(url);
        assertThat(target.service()).isEqualTo(new MappingRules.ServiceRef(service, port));
        assertThat(target.scheme()).isEqualTo(scheme);
        assertThat(target.path()).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://my-worker.run.app.evil.example/",
                "https://my-worker.run.app-evil/",
                "http://my-worker.run.app/",
                "https://evil.example/?https://my-worker.run.app/",
                "http://order-worker.shop.svc.evil.example/",
                "http://order-worker.shop.svcx/",
                "http://order-worker.shop.svc.cluster.local.evil/",
                "http://order-worker.shop/",
                "http://a.b.shop.svc/",
                "https://other.run.app/",
                "http://10.0.0.1/",
                "http://kubernetes.default/"
            })
    void aHostThatOnlyLooksLikeAServiceIsRefused(String url) {
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() -> find(url))
                .withMessageContaining("is no Service of this cluster");
        assertThat(unmapped).containsExactly("shop");
    }

    @Test
    void aServiceOfAnotherNamespaceIsRefused() {
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() -> find("https://kubernetes.default.svc/"))
                .withMessageContaining("its own namespace only");
    }

    @Test
    void aQueueThatOwnsTheTargetTakesAnyHost() {
        assertThat(find("https://anything.example/p?q", true)).isEqualTo(new UrlTargets.Target(null, null, "/p?q"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://user@order-worker/",
                "http://user:pass@order-worker/",
                "http://order-worker/#part",
                "http://order-worker\\@evil/",
                "http://order-worker/a/../b",
                "http://order-worker/a/%2e%2e/b",
                "http://order-worker/./b",
                "http://order-worker/a b",
                "http://order-worker/a\r\nX-Evil: 1",
                "http://order-worker\t/",
                "http://order-worker/ü",
                "http:///path",
                "http://order-worker:0/",
                "http://order-worker:65536/",
                "http://order-worker:/",
                "http://[::1]/",
                "http://order-worker./"
            })
    void aUrlThatTwoReadersCouldReadDifferentlyIsRefused(String url) {
        assertThatExceptionOfType(RpcFailure.class).isThrownBy(() -> find(url));
    }

    @Test
    void aUrlBeginsWithItsSchemeAndHasABound() {
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() -> find(""))
                .withMessage("HttpRequest.url is required.");
        assertThatExceptionOfType(RpcFailure.class)
                .isThrownBy(() -> find("ftp://order-worker/"))
                .withMessage("HttpTarget.url must start with 'http://' or 'https://'.");
        assertThatExceptionOfType(RpcFailure.class).isThrownBy(() -> find("http://order-worker/" + "a".repeat(2_100)));
    }
}
