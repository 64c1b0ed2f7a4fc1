package dev.taskqueue.operator.plan;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.taskqueue.operator.domain.SimilarNames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a spec strictly, like the API server: unknown fields and wrong types are reported. (The operator ignores unknown fields.)
 *
 * @param spec null where it cannot be read
 */
record StrictReader<T>(@Nullable T spec, List<Finding> findings) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .annotationIntrospector(new NothingIgnored())
            .withCoercionConfig(
                    LogicalType.Textual,
                    text -> Stream.of(CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)
                            .forEach(shape -> text.setCoercion(shape, CoercionAction.Fail)))
            .withCoercionConfig(
                    LogicalType.Integer,
                    number -> Stream.of(CoercionInputShape.String, CoercionInputShape.Float, CoercionInputShape.Boolean)
                            .forEach(shape -> number.setCoercion(shape, CoercionAction.Fail)))
            .build();

    static <T> StrictReader<T> read(JsonNode spec, Class<T> type) {
        var unknown = new UnknownFields();
        try {
            T read = JSON.readerFor(type).withHandler(unknown).readValue(spec);
            return new StrictReader<>(read, unknown.findings);
        } catch (JsonProcessingException wrong) {
            unknown.findings.add(Finding.error("WrongType", WrongType.sentence(spec, wrong)));
        } catch (IOException failure) {
            throw new IllegalStateException("a tree in memory could not be read", failure);
        }
        return new StrictReader<>(null, unknown.findings);
    }

    /** The API types ignore unknown fields, so that an older operator works with a newer CRD. Here unknown fields are findings. */
    private static final class NothingIgnored extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public JsonIgnoreProperties.Value findPropertyIgnoralByName(MapperConfig<?> config, Annotated annotated) {
            return JsonIgnoreProperties.Value.empty();
        }
    }

    private static final class UnknownFields extends DeserializationProblemHandler {
        final List<Finding> findings = new ArrayList<>();

        @Override
        public boolean handleUnknownProperty(
                DeserializationContext context,
                JsonParser parser,
                JsonDeserializer<?> deserializer,
                Object beanOrClass,
                String name)
                throws IOException {
            // What comes before the fields of a record's constructor is read from a buffer, which adds an empty step.
            String pointer = parser.getParsingContext().pathAsPointer().toString();
            String field = "spec" + pointer.replaceAll("/+", ".");
            Collection<Object> known = deserializer.getKnownPropertyNames();
            String nearest = known == null
                    ? null
                    : SimilarNames.nearest(
                            name, known.stream().map(Object::toString).toList());
            findings.add(Finding.error(
                    "UnknownField",
                    field + " is no field, so kubectl refuses the object: "
                            + (nearest == null ? "remove it." : "did you mean " + nearest + "?")));
            parser.skipChildren();
            return true;
        }
    }
}
