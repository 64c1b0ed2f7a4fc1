package dev.taskqueue.gateway.wire;

import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Answers gRPC methods that the gateway does not have: UNIMPLEMENTED, with what to use instead. */
final class UnknownMethods extends HandlerRegistry {
    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String method, @Nullable String authority) {
        String message = UnsupportedMethods.of(method)
                .map(failure -> failure.sentence())
                .orElse("The method " + method + " is not one of google.cloud.tasks.v2.");
        MethodDescriptor<byte[], byte[]> descriptor = MethodDescriptor.newBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER)
                .setType(MethodDescriptor.MethodType.UNKNOWN)
                .setFullMethodName(method)
                .build();
        return ServerMethodDefinition.create(descriptor, (call, headers) -> {
            call.close(Status.UNIMPLEMENTED.withDescription(message), new Metadata());
            return new ServerCall.Listener<>() {};
        });
    }

    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        MARSHALLER;

        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }
    }
}
