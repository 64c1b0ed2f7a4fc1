package dev.taskqueue.operator.targets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.limits.SharedPool;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenCacheTest {
    private static final Duration LIFE = Duration.ofSeconds(25);
    private static final long SECOND = 1_000_000_000L;

    private final SharedPool pool = new SharedPool("tokens", 100, true);
    private final TokenCache cache = new TokenCache(pool, LIFE, 0);

    @Test
    void aNamespaceThatAsksForEverMoreAudiencesDropsItsOwnOldest() {
        for (int i = 0; i < 10; i++) {
            put("shop", i, 0);
        }
        for (int i = 0; i < 10_000; i++) {
            put("flood", i, 0);
        }
        assertThat(pool.used()).isLessThanOrEqualTo(pool.capacity());
        assertThat(IntStream.range(0, 10)).allMatch(i -> isThere("shop", i, SECOND));
        assertThat(isThere("flood", 9999, SECOND)).isTrue();
        assertThat(isThere("flood", 0, SECOND)).isFalse();
        // A later namespace still finds room.
        put("later", 0, SECOND);
        assertThat(isThere("later", 0, SECOND)).isTrue();
        assertThat(isThere("shop", 0, SECOND)).isTrue();
    }

    @Test
    void whatNobodyAsksForAnyMoreIsDropped() {
        IntStream.range(0, 40).forEach(i -> put("shop", i, 0));
        assertThat(pool.used()).isEqualTo(40);
        put("other", 0, 26 * SECOND);
        assertThat(pool.used()).isEqualTo(1);
    }

    @Test
    void oneThatIsRenewedCountsOnce() {
        put("shop", 0, 0);
        put("shop", 0, SECOND);
        assertThat(pool.used()).isEqualTo(1);
        cache.reject(key("shop", 0), "token", 9 * SECOND, Duration.ofSeconds(5));
        assertThat(pool.used()).isZero();
    }

    @Test
    void oneWithoutALifeIsNotKept() {
        cache.put(key("shop", 0), new TokenGrant.Granted("token"), 0, Duration.ZERO);
        assertThat(isThere("shop", 0, 0)).isFalse();
        assertThat(pool.used()).isZero();
    }

    private void put(String namespace, int audience, long now) {
        cache.put(key(namespace, audience), new TokenGrant.Granted("token"), now, LIFE);
    }

    private boolean isThere(String namespace, int audience, long now) {
        return cache.get(key(namespace, audience), now) != null;
    }

    private static TokenKey key(String namespace, int audience) {
        return new TokenKey(namespace, "caller", "audience-" + audience);
    }
}
