package dev.taskqueue.gateway.calls;

import com.google.cloud.location.GetLocationRequest;
import com.google.cloud.location.ListLocationsRequest;
import com.google.cloud.location.LocationsProto;
import com.google.cloud.tasks.v2.CloudTasksProto;
import com.google.cloud.tasks.v2.CreateQueueRequest;
import com.google.cloud.tasks.v2.CreateTaskRequest;
import com.google.cloud.tasks.v2.DeleteQueueRequest;
import com.google.cloud.tasks.v2.DeleteTaskRequest;
import com.google.cloud.tasks.v2.GetQueueRequest;
import com.google.cloud.tasks.v2.GetTaskRequest;
import com.google.cloud.tasks.v2.ListQueuesRequest;
import com.google.cloud.tasks.v2.ListTasksRequest;
import com.google.cloud.tasks.v2.PauseQueueRequest;
import com.google.cloud.tasks.v2.PurgeQueueRequest;
import com.google.cloud.tasks.v2.ResumeQueueRequest;
import com.google.cloud.tasks.v2.RunTaskRequest;
import com.google.cloud.tasks.v2.UpdateQueueRequest;
import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.Policy;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;

/** All methods that the gateway serves. */
public final class RpcTable {
    public static final ServiceDescriptor TASKS =
            CloudTasksProto.getDescriptor().findServiceByName("CloudTasks");
    public static final ServiceDescriptor LOCATIONS =
            LocationsProto.getDescriptor().findServiceByName("Locations");

    private final List<Rpc<?, ?>> all = new ArrayList<>();

    public RpcTable(
            TaskCreation creation,
            TaskCalls tasks,
            QueueCalls queues,
            QueueChanges changes,
            PolicyCalls policies,
            LocationCalls locations) {
        tasks("ListQueues", ListQueuesRequest.getDefaultInstance(), queues::list);
        tasks("GetQueue", GetQueueRequest.getDefaultInstance(), queues::get);
        tasks("CreateQueue", CreateQueueRequest.getDefaultInstance(), queues::create);
        tasks("UpdateQueue", UpdateQueueRequest.getDefaultInstance(), changes::update);
        tasks("DeleteQueue", DeleteQueueRequest.getDefaultInstance(), changes::delete);
        tasks("PurgeQueue", PurgeQueueRequest.getDefaultInstance(), changes::purge);
        tasks("PauseQueue", PauseQueueRequest.getDefaultInstance(), changes::pause);
        tasks("ResumeQueue", ResumeQueueRequest.getDefaultInstance(), changes::resume);
        tasks("GetIamPolicy", GetIamPolicyRequest.getDefaultInstance(), policies::get);
        this.<SetIamPolicyRequest, Policy>tasks(
                "SetIamPolicy", SetIamPolicyRequest.getDefaultInstance(), (call, request) -> {
                    throw PolicyCalls.unsupported();
                });
        tasks("TestIamPermissions", TestIamPermissionsRequest.getDefaultInstance(), policies::test);
        tasks("ListTasks", ListTasksRequest.getDefaultInstance(), tasks::list);
        tasks("GetTask", GetTaskRequest.getDefaultInstance(), tasks::get);
        tasks("CreateTask", CreateTaskRequest.getDefaultInstance(), creation::create);
        tasks("DeleteTask", DeleteTaskRequest.getDefaultInstance(), tasks::delete);
        tasks("RunTask", RunTaskRequest.getDefaultInstance(), tasks::run);
        add(LOCATIONS, "ListLocations", ListLocationsRequest.getDefaultInstance(), locations::list);
        add(LOCATIONS, "GetLocation", GetLocationRequest.getDefaultInstance(), locations::get);
    }

    private <Q extends Message, A extends Message> void tasks(String name, Q request, Rpc.Handler<Q, A> handler) {
        add(TASKS, name, request, handler);
    }

    private <Q extends Message, A extends Message> void add(
            ServiceDescriptor service, String name, Q request, Rpc.Handler<Q, A> handler) {
        all.add(new Rpc<>(service.findMethodByName(name), request, handler));
    }

    public List<Rpc<?, ?>> all() {
        return List.copyOf(all);
    }
}
