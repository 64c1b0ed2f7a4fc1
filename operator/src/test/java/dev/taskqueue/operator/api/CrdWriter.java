package dev.taskqueue.operator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes {@code crds/*.yaml} from the Java types. {@link SchemaPatch} completes the output of the generator if it has no annotation for something.
 * Run by {@code mvn -pl operator test -Dtest=CrdDriftTest -Dcrds.write=true}.
 */
final class CrdWriter {
    private static final String HEADER = """
            # Generated from operator/src/main/java/dev/taskqueue/operator/api; change it there, then write this file anew by
            # mvn -pl operator test -Dtest=CrdDriftTest -Dcrds.write=true
            """;

    /** All kinds, in the order of the reference. */
    static final List<Class<? extends CustomResource<?, ?>>> KINDS =
            List.of(TaskQueue.class, Task.class, TaskBatch.class);

    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private CrdWriter() {}

    /** The text that the file of the CRD must have. */
    static String yaml(Class<? extends CustomResource<?, ?>> kind) {
        return HEADER + SERIALIZATION.asYaml(crd(kind));
    }

    /** The CRD as a tree. */
    static ObjectNode crd(Class<? extends CustomResource<?, ?>> kind) {
        ObjectNode crd = SERIALIZATION.convertValue(generate(kind), ObjectNode.class);
        new SchemaPatch(kind).complete(crd);
        removeDefaultPriorities(crd);
        return crd;
    }

    /** The API server drops a priority of 0, so a tool that compares the file with the cluster would find a difference for ever. */
    private static void removeDefaultPriorities(ObjectNode crd) {
        for (JsonNode column : crd.at("/spec/versions/0/additionalPrinterColumns")) {
            if (column.path("priority").asInt() == 0) {
                ((ObjectNode) column).remove("priority");
            }
        }
    }

    /** The path of the CRD in the repository. Tests run in the folder of their module. */
    static Path file(Class<? extends CustomResource<?, ?>> kind) {
        return Path.of("..", "crds", CustomResource.getCRDName(kind) + ".yaml");
    }

    static void write(Class<? extends CustomResource<?, ?>> kind) {
        try {
            Files.createDirectories(file(kind).toAbsolutePath().normalize().getParent());
            Files.writeString(file(kind), yaml(kind));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HasMetadata generate(Class<? extends CustomResource<?, ?>> kind) {
        List<HasMetadata> generated = new ArrayList<>();
        new CRDGenerator()
                .forCRDVersions("v1")
                .customResourceClasses(List.of(kind))
                .withPostProcessor(new CRDPostProcessor() {
                    @Override
                    public HasMetadata process(HasMetadata crd, String version) {
                        generated.add(crd);
                        return crd;
                    }
                })
                .withOutput(new Nowhere())
                .detailedGenerate();
        return generated.getFirst();
    }

    /** Discards the output. The generator always writes, but the CRD is taken from it before it writes. */
    private static final class Nowhere implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
        @Override
        public ByteArrayOutputStream outputFor(String crdName) {
            return new ByteArrayOutputStream();
        }

        @Override
        public URI crdURI(String crdName) {
            return URI.create("file:/" + crdName);
        }

        @Override
        public void close() {
            // there is nothing to close
        }
    }
}
