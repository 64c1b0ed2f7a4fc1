package dev.taskqueue.gateway.calls;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Message;
import dev.taskqueue.gateway.cluster.CallContext;

/**
 * One method: its description, its messages, and what it does.
 *
 * @param request an empty request
 */
public record Rpc<Q extends Message, A extends Message>(MethodDescriptor method, Q request, Handler<Q, A> handler) {
    /** What a method does. */
    public interface Handler<Q, A> {
        A handle(CallContext call, Q request);
    }

    /** The name within its service, such as {@code CreateTask}. */
    public String name() {
        return method.getName();
    }

    /** Does it with a request of whatever type; the type was checked where the request was read. */
    @SuppressWarnings("unchecked")
    public A run(CallContext call, Message message) {
        return handler.handle(call, (Q) message);
    }
}
