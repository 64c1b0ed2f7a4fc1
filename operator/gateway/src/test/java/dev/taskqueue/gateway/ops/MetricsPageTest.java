package dev.taskqueue.gateway.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.gateway.testing.Repository;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of docs/gateway.md has each metric with its labels, and no other. */
class MetricsPageTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(taskqueue_gateway_[a-z_]+)(\\{[a-z,]+})?` \\|");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (taskqueue_gateway_[a-z_]+) ([a-z]+)$");

    @Test
    void thePageHasWhatTheCodeHas() throws IOException {
        var meters = new GatewayMeters("1");
        meters.request("GetTask", "grpc", "OK", Duration.ofMillis(1));
        meters.apiRequest("GET", 200);
        meters.apiRetry();
        meters.inFlight(1);
        meters.tokenReview("accepted");
        meters.tokenCacheHit();
        meters.unmappedTarget("shop");
        meters.clientCancel();
        meters.batch(2);
        var text = new ByteArrayOutputStream();
        meters.write(text);
        String page = Files.readString(Repository.file("docs/gateway.md"));
        Set<String> shown = ROW.matcher(page.substring(page.indexOf("## Metrics")))
                .results()
                .map(row -> row.group(1) + (row.group(2) == null ? "" : sorted(row.group(2))))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(shown).isEqualTo(metrics(text.toString(UTF_8)));
    }

    private static Set<String> metrics(String text) {
        return TYPE.matcher(text)
                .results()
                .map(type -> type.group(1) + labels(text, type.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String labels(String text, String name) {
        var series = Pattern.compile("(?m)^" + name + "(?:_count)?(\\{.*}) ").matcher(text);
        return series.find() ? sorted(series.group(1).replaceAll("=\"[^\"]*\"", "")) : "";
    }

    private static String sorted(String labels) {
        return new TreeSet<>(Set.of(labels.substring(1, labels.length() - 1).split(",", -1))).toString();
    }
}
