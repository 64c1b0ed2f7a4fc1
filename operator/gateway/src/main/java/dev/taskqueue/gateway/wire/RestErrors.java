package dev.taskqueue.gateway.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Help;
import com.google.rpc.RetryInfo;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.ObjectJson;
import java.io.UncheckedIOException;

/** Failures as Google's REST APIs write them. */
final class RestErrors {
    private static final JsonFormat.Printer DETAILS = JsonFormat.printer()
            .omittingInsignificantWhitespace()
            .usingTypeRegistry(TypeRegistry.newBuilder()
                    .add(BadRequest.getDescriptor())
                    .add(ErrorInfo.getDescriptor())
                    .add(Help.getDescriptor())
                    .add(RetryInfo.getDescriptor())
                    .build());

    private RestErrors() {}

    /** The status of HTTP for a code. */
    static int status(Code code) {
        return switch (code) {
            case OK -> 200;
            case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE -> 400;
            case UNAUTHENTICATED -> 401;
            case PERMISSION_DENIED -> 403;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS, ABORTED -> 409;
            case RESOURCE_EXHAUSTED -> 429;
            case CANCELLED -> 499;
            case UNIMPLEMENTED -> 501;
            case UNAVAILABLE -> 503;
            case DEADLINE_EXCEEDED -> 504;
            default -> 500;
        };
    }

    /** The body of an answer. */
    static byte[] body(RpcFailure failure) {
        ObjectNode body =
                body(status(failure.code()), failure.sentence(), failure.code().name());
        if (!failure.details().isEmpty()) {
            ArrayNode details = body.withObjectProperty("error").putArray("details");
            failure.details().forEach(detail -> details.add(json(detail)));
        }
        return ObjectJson.write(body);
    }

    /** The body for a failure of HTTP itself. */
    static ObjectNode body(int status, String message, String code) {
        ObjectNode body = ObjectJson.object();
        body.putObject("error").put("code", status).put("message", message).put("status", code);
        return body;
    }

    private static com.fasterxml.jackson.databind.JsonNode json(Message detail) {
        try {
            return ObjectJson.MAPPER.readTree(DETAILS.print(Any.pack(detail)));
        } catch (InvalidProtocolBufferException | JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
