package dev.taskqueue.gateway.wire;

import com.google.cloud.location.LocationsGrpc;
import com.google.cloud.tasks.v2.CloudTasksGrpc;
import com.google.protobuf.Message;
import dev.taskqueue.gateway.calls.Rpc;
import dev.taskqueue.gateway.calls.RpcTable;
import dev.taskqueue.gateway.cluster.Caller;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.ops.GatewayMeters;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The methods as gRPC services. */
final class GrpcServices {
    private static final String TRANSPORT = "grpc";
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<Caller> CALLER = Context.key("caller");

    private final CallRunner runner;
    private final GatewayMeters meters;
    private final Map<String, Rpc<?, ?>> methods;

    GrpcServices(RpcTable table, CallRunner runner, GatewayMeters meters) {
        this.runner = runner;
        this.meters = meters;
        this.methods = table.all().stream()
                .collect(Collectors.toMap(rpc -> rpc.method().getFullName(), Function.identity()));
    }

    List<ServerServiceDefinition> all() {
        return List.of(define(CloudTasksGrpc.getServiceDescriptor()), define(LocationsGrpc.getServiceDescriptor()));
    }

    private ServerServiceDefinition define(ServiceDescriptor service) {
        ServerServiceDefinition.Builder definition = ServerServiceDefinition.builder(service);
        for (MethodDescriptor<?, ?> method : service.getMethods()) {
            Rpc<?, ?> rpc = methods.get(method.getFullMethodName().replace('/', '.'));
            if (rpc != null) {
                add(definition, method, rpc);
            }
        }
        return definition.build();
    }

    @SuppressWarnings("unchecked")
    private void add(ServerServiceDefinition.Builder definition, MethodDescriptor<?, ?> method, Rpc<?, ?> rpc) {
        var typed = (MethodDescriptor<Message, Message>) method;
        definition.addMethod(typed, ServerCalls.asyncUnaryCall((request, answer) -> run(rpc, request, answer)));
    }

    private void run(Rpc<?, ?> rpc, Message request, StreamObserver<Message> answer) {
        Message result;
        try {
            result =
                    runner.run(rpc, () -> request, TRANSPORT, CALLER::get, remaining(), Context.current()::isCancelled);
        } catch (RpcFailure failure) {
            send(() -> answer.onError(StatusProto.toStatusRuntimeException(failure.status())));
            return;
        }
        send(() -> {
            answer.onNext(result);
            answer.onCompleted();
        });
    }

    /** A client that has gone meanwhile is no fault; Jetty has no response for it any more. */
    private void send(Runnable write) {
        try {
            write.run();
        } catch (IllegalStateException | StatusRuntimeException gone) {
            meters.clientCancel();
        }
    }

    private static @Nullable Duration remaining() {
        Deadline deadline = Context.current().getDeadline();
        return deadline == null ? null : Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS));
    }

    /** Finds the caller by the headers, and uses nothing else of them. A stranger is refused before its message is read: that may be large. */
    ServerInterceptor authentication() {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                Rpc<?, ?> rpc = methods.get(
                        call.getMethodDescriptor().getFullMethodName().replace('/', '.'));
                if (rpc == null) {
                    return next.startCall(call, headers);
                }
                Iterable<String> all = headers.getAll(AUTHORIZATION);
                try {
                    // Two headers become one that is no credential.
                    Caller caller = runner.authenticate(all == null ? null : String.join(", ", all));
                    return Contexts.interceptCall(Context.current().withValue(CALLER, caller), call, headers, next);
                } catch (RpcFailure stranger) {
                    refuse(rpc, call, stranger);
                    return new ServerCall.Listener<>() {};
                }
            }
        };
    }

    private void refuse(Rpc<?, ?> rpc, ServerCall<?, ?> call, RpcFailure stranger) {
        StatusRuntimeException status = StatusProto.toStatusRuntimeException(stranger.status());
        runner.refused(rpc, TRANSPORT, stranger);
        send(() -> call.close(status.getStatus(), trailers(status)));
    }

    private static Metadata trailers(StatusRuntimeException status) {
        Metadata trailers = status.getTrailers();
        return trailers == null ? new Metadata() : trailers;
    }
}
