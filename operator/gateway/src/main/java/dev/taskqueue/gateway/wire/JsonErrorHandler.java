package dev.taskqueue.gateway.wire;

import com.google.rpc.Code;
import dev.taskqueue.gateway.mapping.ObjectJson;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Writes what Jetty itself refuses, such as headers that are too large, in the form of all other failures. */
final class JsonErrorHandler extends ErrorHandler {
    /** Jetty would answer PATCH and DELETE without a body. */
    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    protected boolean generateAcceptableResponse(
            Request request,
            Response response,
            Callback callback,
            String contentType,
            List<Charset> charsets,
            int code,
            @Nullable String message,
            @Nullable Throwable cause) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json; charset=UTF-8");
        response.write(
                true, ByteBuffer.wrap(ObjectJson.write(RestErrors.body(code, sentence(code), name(code)))), callback);
        return true;
    }

    private static String sentence(int code) {
        return switch (code) {
            case 400 -> "The request is no valid HTTP.";
            case 404 -> "Method not found.";
            case 405 -> "The method is not allowed here.";
            case 431 -> "The headers of the request are too large.";
            case 503 -> "The gateway stops.";
            default -> "The gateway failed; its log says why.";
        };
    }

    private static String name(int code) {
        return switch (code) {
            case 400, 431 -> Code.INVALID_ARGUMENT.name();
            case 404, 405 -> Code.NOT_FOUND.name();
            case 503 -> Code.UNAVAILABLE.name();
            default -> Code.INTERNAL.name();
        };
    }
}
