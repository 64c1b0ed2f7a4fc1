from kubernetes.client import ApiException, CustomObjectsApi

from task_names import task_name

KEY = "taskqueue.dev/key"


class Tasks:
    """Creates Tasks in one namespace, with the credentials that were loaded."""

    def __init__(self, namespace: str):
        self.api = CustomObjectsApi()
        self.where = {"group": "taskqueue.dev", "version": "v1beta1", "plural": "tasks", "namespace": namespace}

    def create(self, queue: str, key: str, spec: dict, labels: dict) -> dict:
        """What came of it: "created" is False where a Task with this key is in this queue already."""
        name = task_name(queue, key)
        task = {
            "apiVersion": "taskqueue.dev/v1beta1",
            "kind": "Task",
            "metadata": {"name": name, "labels": labels, "annotations": {KEY: key}},
            "spec": {"queueRef": {"name": queue}, **spec},
        }
        try:
            # Without Strict the API server drops a misspelt field: a Task without its scheduletime is sent at once.
            self.api.create_namespaced_custom_object(**self.where, body=task, field_validation="Strict")
            return {"name": name, "created": True}
        except ApiException as refusal:
            if refusal.status != 409:
                raise
            there = self.api.get_namespaced_custom_object(**self.where, name=name)
            if there["spec"]["queueRef"]["name"] != queue or there["metadata"].get("annotations", {}).get(KEY) != key:
                raise RuntimeError(
                    f"Task {name} is there for another queue or key: delete it, or use another key"
                ) from refusal
            return {"name": name, "created": False}
