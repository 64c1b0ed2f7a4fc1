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

/** One HTTP request to be delivered through a TaskQueue. */
@Group("taskqueue.dev")
@Version("v1beta1")
@Kind("Task")
@Plural("tasks")
@ShortNames("qtask")
@Categories("taskqueue")
public final class Task extends CustomResource<TaskSpec, TaskStatus> implements Namespaced {
    private static final long serialVersionUID = 1L;

    @Override
    @Required
    public TaskSpec getSpec() {
        return super.getSpec();
    }
}
