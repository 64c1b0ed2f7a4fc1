package dev.taskqueue.gateway.calls;

import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.Policy;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.iam.v1.TestIamPermissionsResponse;
import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import dev.taskqueue.gateway.cluster.AccessReviews;
import dev.taskqueue.gateway.cluster.CallContext;
import dev.taskqueue.gateway.failure.RpcFailure;
import dev.taskqueue.gateway.mapping.QueueName;
import java.util.Map;

/** Policies of queues: there are none, as RBAC decides; but what a caller may do can be asked. */
public final class PolicyCalls {
    private static final ByteString ETAG = ByteString.copyFromUtf8("ACAB");
    private static final String QUEUES = "taskqueues";
    private static final String TASKS = "tasks";

    /** What a permission of Google's is here. */
    private static final Map<String, Right> RIGHTS = Map.ofEntries(
            Map.entry("cloudtasks.queues.create", new Right("create", QUEUES)),
            Map.entry("cloudtasks.queues.delete", new Right("delete", QUEUES)),
            Map.entry("cloudtasks.queues.get", new Right("get", QUEUES)),
            Map.entry("cloudtasks.queues.list", new Right("list", QUEUES)),
            Map.entry("cloudtasks.queues.pause", new Right("patch", QUEUES)),
            Map.entry("cloudtasks.queues.purge", new Right("patch", QUEUES)),
            Map.entry("cloudtasks.queues.resume", new Right("patch", QUEUES)),
            Map.entry("cloudtasks.queues.update", new Right("patch", QUEUES)),
            Map.entry("cloudtasks.tasks.create", new Right("create", TASKS)),
            Map.entry("cloudtasks.tasks.delete", new Right("delete", TASKS)),
            Map.entry("cloudtasks.tasks.fullView", new Right("get", TASKS)),
            Map.entry("cloudtasks.tasks.get", new Right("get", TASKS)),
            Map.entry("cloudtasks.tasks.list", new Right("list", TASKS)),
            Map.entry("cloudtasks.tasks.run", new Right("patch", TASKS)));

    private final AccessReviews reviews;
    private final NamespaceResolver resolver;

    private record Right(String verb, String resource) {}

    public PolicyCalls(AccessReviews reviews, NamespaceResolver resolver) {
        this.reviews = reviews;
        this.resolver = resolver;
    }

    /** GetIamPolicy: always an empty policy. */
    public Policy get(CallContext call, GetIamPolicyRequest request) {
        QueueName name = QueueName.parse(request.getResource(), "resource");
        String namespace = resolver.namespace(name.location());
        if (!reviews.allows(call, "get", QUEUES, namespace, name.object())) {
            throw RpcFailure.denied(
                    call.caller().user() + " may not get taskqueues.taskqueue.dev in the namespace " + namespace + ".",
                    "FORBIDDEN");
        }
        return Policy.newBuilder().setEtag(ETAG).build();
    }

    /** SetIamPolicy fails with this. */
    static RpcFailure unsupported() {
        return RpcFailure.of(
                Code.UNIMPLEMENTED,
                "Policies of queues are not supported: who may do what is a matter of Roles and RoleBindings of the namespace.");
    }

    /** TestIamPermissions: those that the caller has. */
    public TestIamPermissionsResponse test(CallContext call, TestIamPermissionsRequest request) {
        QueueName name = QueueName.parse(request.getResource(), "resource");
        String namespace = resolver.namespace(name.location());
        TestIamPermissionsResponse.Builder response = TestIamPermissionsResponse.newBuilder();
        request.getPermissionsList().stream().distinct().forEach(permission -> {
            Right right = RIGHTS.get(permission);
            if (right != null) {
                String object = right.resource().equals(QUEUES) ? name.object() : null;
                if (reviews.allows(call, right.verb(), right.resource(), namespace, object)) {
                    response.addPermissions(permission);
                }
            }
        });
        return response.build();
    }
}
