package dev.taskqueue.operator.api;

import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A queue: how fast, how often and where its Tasks are delivered. */
@Group("taskqueue.dev")
@Version("v1beta1")
@Kind("TaskQueue")
@Plural("taskqueues")
@ShortNames("tq")
@Categories("taskqueue")
public final class TaskQueue extends CustomResource<TaskQueueSpec, TaskQueueStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;

    @Override
    @Required
    public TaskQueueSpec getSpec() {
        return super.getSpec();
    }
}
