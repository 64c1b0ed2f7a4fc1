package dev.taskqueue.gateway.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.taskqueue.gateway.testing.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The published schema of the mapping file says what its reader says, and so do the chart's values. */
class MappingSchemaTest {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private static JsonNode json(String file) throws IOException {
        return ObjectJson.MAPPER.readTree(Files.readString(Repository.file(file)));
    }

    private static JsonSchema schema() throws IOException {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(json("docs/gateway-mapping.schema.json"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "namespaces: [{project: p, location: '*', namespace: shop}]",
                "namespaces: [{project: '*', location: europe-west1, namespace: 'team-{project}'}]",
                "locations: [us-central1, europe-west1]",
                "targets: [{namespace: shop, urlPrefix: 'https://my-worker.run.app/', serviceRef: {name: my-worker, port: http}, pathPrefix: /}]",
                "targets: [{namespace: shop, urlPrefix: 'HTTP://w:8080/a?b', serviceRef: {name: w, port: 8080}, scheme: HTTPS}]",
                "targets: [{namespace: shop, urlPrefix: 'https://w', serviceRef: {name: w}}]",
                "appEngine: [{namespace: shop, service: default, serviceRef: {name: w}}]",
                "appEngine: [{namespace: shop, service: worker, version: v2, serviceRef: {name: w, port: '80'}}]",
                "oidc: [{namespace: shop, email: a@b.iam.gserviceaccount.com, serviceAccount: a.b}]",
                "oidcLocalPart: true",
                "taskBatches: [{namespace: shop, queue: imports}, {namespace: shop, queue: '*'}]",
                "clusterDomain: cluster.example"
            })
    void whatTheReaderTakesIsValid(String text) throws IOException {
        assertThat(MappingReader.read(text)).isInstanceOf(MappingReader.Reading.Valid.class);
        assertThat(schema().validate(YAML.readTree(text))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "colour: red",
                "namespaces: [{project: p, location: '*'}]",
                "namespaces: [{project: '', location: '*', namespace: shop}]",
                "namespaces: [{project: p, location: '*', namespace: Shop}]",
                "namespaces: [{project: p, location: '*', namespace: ''}]",
                "namespaces: [{project: p, location: '*', namespace: shop, extra: 1}]",
                "namespaces: [null]",
                "locations: ['']",
                "targets: [{namespace: shop, urlPrefix: my-worker, serviceRef: {name: w}}]",
                "targets: [{namespace: shop, urlPrefix: 'https://user@w/', serviceRef: {name: w}}]",
                "targets: [{namespace: shop, urlPrefix: 'https://w/#a', serviceRef: {name: w}}]",
                "targets: [{namespace: shop, urlPrefix: 'https://w/'}]",
                "targets: [{namespace: shop, urlPrefix: 'https://w/', serviceRef: {name: W}}]",
                "targets: [{namespace: shop, urlPrefix: 'https://w/', serviceRef: {name: w, port: 0}}]",
                "targets: [{namespace: shop, urlPrefix: 'https://w/', serviceRef: {name: w, port: 65536}}]",
                "targets: [{namespace: shop, urlPrefix: 'https://w/', serviceRef: {name: w, port: HTTP}}]",
                "targets: [{namespace: shop, urlPrefix: 'https://w/', serviceRef: {name: w}, pathPrefix: a}]",
                "targets: [{namespace: shop, urlPrefix: 'https://w/', serviceRef: {name: w}, scheme: http}]",
                "appEngine: [{namespace: shop, serviceRef: {name: w}}]",
                "appEngine: [{namespace: Shop, service: a, serviceRef: {name: w}}]",
                "oidc: [{namespace: shop, email: a@b}]",
                "oidc: [{namespace: shop, email: a@b, serviceAccount: A}]",
                "oidcLocalPart: perhaps",
                "taskBatches: [{namespace: shop}]",
                "taskBatches: [{namespace: shop, queue: Imports}]",
                "taskBatches: [{namespace: '*', queue: imports}]",
                "taskBatches: [{namespace: shop, queue: '*imports'}]",
                "taskBatches: [{namespace: shop, queue: imports, template: 1}]",
                "clusterDomain: Cluster.Local",
                "[]"
            })
    void whatTheReaderRefusesIsNotValid(String text) throws IOException {
        assertThat(MappingReader.read(text)).isInstanceOf(MappingReader.Reading.Invalid.class);
        assertThat(schema().validate(YAML.readTree(text))).isNotEmpty();
    }

    @Test
    void theExampleOfThePageIsValid() throws IOException {
        String page = Files.readString(Repository.file("docs/gateway.md"));
        String example = page.substring(page.indexOf("## Mapping file"));
        example = example.substring(example.indexOf("```yaml\n") + 8);
        example = example.substring(0, example.indexOf("```"));
        assertThat(MappingReader.read(example)).isInstanceOf(MappingReader.Reading.Valid.class);
        assertThat(schema().validate(YAML.readTree(example))).isEmpty();
    }

    @Test
    void theValuesOfTheChartHaveTheSameSchema() throws IOException {
        ObjectNode published = (ObjectNode) json("docs/gateway-mapping.schema.json");
        published.remove(List.of("$schema", "title"));
        ObjectNode ofChart =
                (ObjectNode) json("charts/taskqueue/values.schema.json").at("/properties/gateway/properties/mapping");
        ofChart.remove(Set.of("description", "examples"));
        assertThat(ofChart).isEqualTo(published);
    }
}
