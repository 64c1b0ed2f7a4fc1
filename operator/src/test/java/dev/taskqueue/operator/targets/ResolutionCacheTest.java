package dev.taskqueue.operator.targets;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class ResolutionCacheTest {
    private static final TargetResolution FOUND =
            new TargetResolution.Found(new Target(false, InetAddress.ofLiteral("10.0.0.1"), 80, "worker.shop.svc", 1));

    private final ResolutionCache cache = new ResolutionCache();

    @Test
    void aResolutionIsFoundAtItsVersionAlone() {
        cache.add(1, query("worker"), FOUND);
        assertThat(cache.find(1, query("worker"))).isSameAs(FOUND);
        assertThat(cache.find(1, query("other"))).isNull();
        assertThat(cache.find(2, query("worker"))).isNull();
    }

    @Test
    void aNewVersionForgetsAllOthers() {
        cache.add(1, query("worker"), FOUND);
        cache.add(2, query("other"), FOUND);
        assertThat(cache.find(2, query("worker"))).isNull();
        assertThat(cache.find(1, query("worker"))).isNull();
        assertThat(cache.find(2, query("other"))).isSameAs(FOUND);
    }

    @Test
    void whatTasksAskTakesNoMemoryWithoutEnd() {
        for (int i = 0; i < 1_001; i++) {
            cache.add(1, query("worker-" + i), FOUND);
        }
        assertThat(cache.find(1, query("worker-999"))).isSameAs(FOUND);
        assertThat(cache.find(1, query("worker-1000"))).isNull();
    }

    private static TargetRules.Query query(String service) {
        return new TargetRules.Query("shop", service, null, null);
    }
}
