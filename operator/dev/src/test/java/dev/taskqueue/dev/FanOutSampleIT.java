package dev.taskqueue.dev;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.taskqueue.controlplane.FreePorts;
import dev.taskqueue.controlplane.testing.Requires;
import dev.taskqueue.dev.apiserver.EmbeddedApiServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests {@code samples/fan-out} in each language: every customer but the one without an address gets an invoice, and there is one report. */
@Requires({})
class FanOutSampleIT {
    private static final Path SAMPLE = Path.of("../../samples/fan-out");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    enum Language {
        JAVA,
        NODE,
        PYTHON;

        List<String> command(String... arguments) {
            List<String> program = switch (this) {
                case JAVA ->
                    List.of(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-classpath",
                            System.getProperty("java.class.path"),
                            "java/FanOut.java");
                case NODE -> List.of("node", "node/fan-out.js");
                case PYTHON -> List.of("python3", "python/fan_out.py");
            };
            return Stream.concat(program.stream(), Stream.of(arguments)).toList();
        }

        String program() {
            return command().getFirst();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyCustomerGetsAnInvoiceAndThereIsOneReport(Language language) throws Exception {
        Assumptions.assumeTrue(isThere(language.program()), language.program() + " is not on the PATH");
        int port = FreePorts.one();
        try (var api = EmbeddedApiServer.start(0, Instant::now);
                var worker = new SampleProcess(
                        language.command("worker"),
                        SAMPLE,
                        Map.of("PORT", String.valueOf(port), "PYTHONUNBUFFERED", "1"));
                var run = devMode(port)) {
            var failures = new ArrayList<Throwable>();
            Thread thread = Thread.ofVirtual().start(() -> {
                try {
                    run.run(new EmbeddedServer(api), Manifest.read(SAMPLE));
                } catch (Exception e) {
                    failures.add(e);
                }
            });
            assertThat(send(language, api, 20)).contains("Created ");
            await().atMost(PATIENCE).untilAsserted(() -> {
                worker.checkAlive();
                assertThat(worker.said()).contains("19 of 20 succeeded, failed: 12");
            });
            assertThat(worker.said())
                    .contains("Invoice for customer 1\n", "Invoice for customer 20\n")
                    .containsOnlyOnce("19 of 20 succeeded");
            assertThat(send(language, api, 20)).contains("is there already");
            run.stop();
            thread.join();
            assertThat(failures).isEmpty();
        }
    }

    private static String send(Language language, EmbeddedApiServer api, int customers) throws InterruptedException {
        try (var producer = new SampleProcess(
                language.command("send", "invoices-2026-11", String.valueOf(customers)),
                SAMPLE,
                Map.of("API_SERVER", api.url()))) {
            assertThat(producer.await(2)).as(producer::said).isZero();
            return producer.said();
        }
    }

    private static DevRun devMode(int workerPort) {
        var reading = DevArguments.read("--forward", "invoice-worker=http://127.0.0.1:" + workerPort);
        if (!(reading instanceof DevArguments.Reading.Run(DevArguments arguments))) {
            throw new IllegalStateException(reading.toString());
        }
        var screens = new Screens(new PrintStream(new ByteArrayOutputStream(), true, UTF_8), false);
        return new DevRun(arguments, screens.screen(), screens.board());
    }

    private static boolean isThere(String program) {
        return program.contains("/")
                || Stream.of(System.getenv("PATH").split(":", -1))
                        .anyMatch(place -> Path.of(place, program).toFile().canExecute());
    }
}
