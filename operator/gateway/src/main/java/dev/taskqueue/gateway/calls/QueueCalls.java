package dev.taskqueue.gateway.calls;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.cloud.tasks.v2.CreateQueueRequest;
import com.google.cloud.tasks.v2.GetQueueRequest;
import com.google.cloud.tasks.v2.ListQueuesRequest;
import com.google.cloud.tasks.v2.ListQueuesResponse;
import com.google.cloud.tasks.v2.Queue;
import com.google.rpc.Code;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.cluster.ClusterClient;
import dev.taskqueue.gateway.cluster.ClusterFailures;
import dev.taskqueue.gateway.cluster.ClusterPaths;
import dev.taskqueue.gateway.cluster.ClusterReply;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.LocationName;
import dev.taskqueue.gateway.mapping.QueueFilter;
import dev.taskqueue.gateway.mapping.QueueMessageWriter;
import dev.taskqueue.gateway.mapping.QueueName;
import dev.taskqueue.gateway.mapping.QueueObjectWriter;
import java.util.Optional;
import java.util.function.Predicate;

/** Creates, reads and lists queues. */
public final class QueueCalls {
    private static final int MOST = 9_800;
    /** What is read at a time: the API server answers long lists slowly. */
    private static final int CHUNK = 1_000;

    private final ClusterClient api;
    private final NamespaceResolver resolver;

    public QueueCalls(ClusterClient api, NamespaceResolver resolver) {
        this.api = api;
        this.resolver = resolver;
    }

    /** GetQueue. */
    public Queue get(CallContext call, GetQueueRequest request) {
        QueueName name = QueueName.parse(request.getName(), "name");
        String namespace = resolver.namespace(name.location());
        ClusterReply reply =
                CallAnswers.check(api.get(call, ClusterPaths.queue(namespace, name.object())), CallAnswers.noQueue());
        return QueueMessageWriter.write(reply.body(), name.location());
    }

    /** CreateQueue. */
    public Queue create(CallContext call, CreateQueueRequest request) {
        LocationName parent = LocationName.parse(request.getParent(), "parent");
        QueueName name = QueueName.parse(request.getQueue().getName(), "queue.name");
        if (!name.location().equals(parent)) {
            throw RpcFailure.invalidName("Queue name must be formatted: the queue " + name + " is not of the location "
                    + parent + ", which is the parent of the request.");
        }
        return create(call, request.getQueue(), name);
    }

    Queue create(CallContext call, Queue queue, QueueName name) {
        String namespace = resolver.namespace(name.location());
        boolean appEngine = resolver.rules().hasAppEngine(namespace);
        ClusterReply reply = api.create(
                call,
                ClusterPaths.queues(namespace) + "?fieldValidation=Strict",
                QueueObjectWriter.create(queue, name, namespace, appEngine));
        if (reply.code() == 409 && !reply.reason().equals("Conflict")) {
            throw RpcFailure.of(Code.ALREADY_EXISTS, "Queue already exists: " + name + ".");
        }
        if (!reply.isOk()) {
            throw ClusterFailures.of(reply);
        }
        return QueueMessageWriter.write(reply.body(), name.location());
    }

    /** ListQueues. */
    public ListQueuesResponse list(CallContext call, ListQueuesRequest request) {
        LocationName parent = LocationName.parse(request.getParent(), "parent");
        String namespace = resolver.namespace(parent);
        Predicate<Queue> filter = QueueFilter.parse(request.getFilter());
        int size = PageToken.size(request.getPageSize(), MOST);
        var scope = new PageToken.Scope("ListQueues", namespace, "", request.getFilter());
        ListQueuesResponse.Builder response = ListQueuesResponse.newBuilder();
        int bytes = 0;
        PageToken place = PageToken.read(request.getPageToken(), scope);
        while (true) {
            int limit = Math.min(size - response.getQueuesCount(), CHUNK);
            ClusterReply chunk = new PageReader(api).read(call, ClusterPaths.queues(namespace), "", limit, place);
            for (JsonNode queue : place.rest(chunk)) {
                Queue message = QueueMessageWriter.write(queue, parent);
                if (filter.test(message)) {
                    bytes += message.getSerializedSize();
                    if (bytes > PageToken.MOST_BYTES) {
                        return response.setNextPageToken(place.write(scope)).build();
                    }
                    response.addQueues(message);
                }
                place = place.after(PageToken.name(queue));
            }
            Optional<PageToken> next = PageToken.next(chunk);
            if (next.isEmpty() || response.getQueuesCount() >= size) {
                return response.setNextPageToken(
                                next.map(token -> token.write(scope)).orElse(""))
                        .build();
            }
            place = next.get();
        }
    }
}
