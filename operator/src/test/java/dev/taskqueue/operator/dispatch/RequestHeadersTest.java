package dev.taskqueue.operator.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RequestHeadersTest {
    @Test
    void theCaseOfNamesIsIgnoredAndTheFirstSpellingStays() {
        var headers = new RequestHeaders(Map.of("X-Own", "a"), 4);
        assertThat(headers.put("x-own", "b")).isEqualTo("a");
        assertThat(headers.putIfAbsent("X-OWN", "c")).isEqualTo("b");
        assertThat(headers.put("Other", "d")).isNull();
        assertThat(headers.get("X-oWn")).isEqualTo("b");
        assertThat(headers.containsKey("other")).isTrue();
        assertThat(headers.get("Missing")).isNull();
        assertThat(headers.toString()).isEqualTo("{X-Own=b, Other=d}");
    }

    @Test
    void itHoldsTheSameAsASortedMap() {
        var random = new Random(1);
        var headers = new RequestHeaders(Map.of(), 4);
        var sorted = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        for (int i = 0; i < 2000; i++) {
            String name = (random.nextBoolean() ? "X-Name-" : "x-name-") + random.nextInt(40);
            String value = String.valueOf(i);
            if (random.nextBoolean()) {
                assertThat(headers.put(name, value)).isEqualTo(sorted.put(name, value));
            } else {
                assertThat(headers.remove(name)).isEqualTo(sorted.remove(name));
            }
            assertThat(headers.size()).isEqualTo(sorted.size());
        }
        sorted.forEach((name, value) -> assertThat(headers.get(name)).isEqualTo(value));
    }
}
