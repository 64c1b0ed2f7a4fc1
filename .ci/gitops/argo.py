"""What docs/gitops.md and docs/operations.md say of Argo CD, proven with its own controllers; run starts this."""

import itertools
import json

from stage import (
    NAMESPACE, QUEUE, ROOT, TASK, Failed, Repository, annotation, at, check, end_hold, example, get, held, hold, kubectl, main, redrive, seen, sent, state, until,
)

SYSTEM, APP = "argocd", "orders"
_numbers = itertools.count(1)


def application():
    return get("application", APP, SYSTEM)


def refresh():
    """As a webhook does after a push; returns once it has been looked at."""
    kubectl("annotate", "application", APP, "-n", SYSTEM, "--overwrite", "argocd.argoproj.io/refresh=hard")
    until("it is refreshed", lambda: annotation_gone("argocd.argoproj.io/refresh"))


def annotation_gone(key):
    return key not in (at(application(), "metadata", "annotations") or {})


def standing():
    app = application()
    return at(app, "status", "sync", "status"), at(app, "status", "health", "status"), at(app, "status", "sync", "revision")


def await_standing(sync, health, commit):
    refresh()
    seen_last = []

    def so():
        seen_last[:] = standing()
        operation = at(application(), "status", "operationState") or {}
        return tuple(seen_last) == (sync, health, commit) and operation.get("phase") != "Running"

    try:
        until("the Application is %s and %s" % (sync, health), so)
    except Failed as failed:
        raise Failed("%s, but %s: %s" % (failed, seen_last, at(application(), "status", "operationState", "message"))) from None


def await_good(commit):
    await_standing("Synced", "Healthy", commit)


def health_of(name):
    return next((at(r, "health", "status") for r in at(application(), "status", "resources") or [] if r["name"] == name), None)


def sync_of(name):
    return next((r["status"] for r in at(application(), "status", "resources") or [] if r["name"] == name), None)


def idle():
    app = application()
    return "operation" not in app and at(app, "status", "operationState", "phase") != "Running"


def message():
    return at(application(), "status", "operationState", "message") or ""


def begin_sync():
    """Begins a sync by hand, as `argocd app sync --prune`; returns what it is known by."""
    until("no other sync runs", idle)
    info = [{"name": "number", "value": str(next(_numbers))}]
    operation = {"info": info, "initiatedBy": {"username": "proof"}, "sync": {"prune": True}}
    kubectl("patch", "application", APP, "-n", SYSTEM, "--type=merge", "-p", json.dumps({"operation": operation}))
    return info


def sync():
    """A sync by hand; returns once it is through."""
    info = begin_sync()

    def through():
        last = at(application(), "status", "operationState") or {}
        return at(last, "operation", "info") == info and last.get("phase") == "Succeeded"

    until("the sync by hand is through", through)


def set_up(repository):
    kubectl("-n", SYSTEM, "patch", "configmap", "argocd-cm", "--type=merge", "--patch-file", str(ROOT / "docs/gitops/argocd-health.yaml"))
    repository.copy("samples/gitops/argo", "deploy")
    first = repository.push("The sample")
    sample = (ROOT / "samples/gitops/argo/argocd/application.yaml").read_text(encoding="utf-8")
    kubectl("apply", "--server-side", "-f", "-", text=sample.replace("https://git.example.com/orders.git", repository.url))
    until("the Application is looked at", lambda: standing()[0])
    return first


def first_sync(first):
    await_good(first)
    check("the Task ran once", sent("warm-cache-v42") == 1 and state("warm-cache-v42") == "Succeeded")
    check("it is Healthy by the check", health_of("warm-cache-v42") == "Healthy" and health_of("order-tasks") == "Healthy")
    seen("first sync: the Task ran once, in its wave; the Application is Synced and Healthy")


def without_a_change(commit):
    version = at(get(TASK, "warm-cache-v42"), "metadata", "resourceVersion")
    for _ in range(3):
        await_good(commit)
    sync()
    await_good(commit)
    check("nothing was sent", sent("warm-cache-v42") == 1)
    check("the Task is as it was", at(get(TASK, "warm-cache-v42"), "metadata", "resourceVersion") == version)
    check("it is Synced", sync_of("warm-cache-v42") == "Synced")
    seen("three refreshes and a sync without a change: the finished Task stays, Synced, untouched, and is not sent again")


def rate():
    return at(get(QUEUE, "order-tasks"), "spec", "rateLimits", "maxDispatchesPerSecond")


def drift(repository):
    def by_hand(spec):
        kubectl("patch", QUEUE, "order-tasks", "-n", NAMESPACE, "--type=merge", "-p", json.dumps({"spec": spec}))

    def paused():
        return at(get(QUEUE, "order-tasks"), "spec", "state") == "Paused"

    by_hand({"rateLimits": {"maxDispatchesPerSecond": "3"}, "state": "Paused"})
    until("self-heal puts Git's rate back", lambda: str(rate()) == "10")
    sync()
    check("it leaves a pause alone, where Git says no state", paused())
    repository.replace("deploy/queue.yaml", "spec:\n", "spec:\n  state: Running\n")
    await_good(repository.push("A state"))
    check("a sync ends a pause where Git says Running", not paused())
    by_hand({"state": "Paused"})
    until("so does self-heal", lambda: not paused())
    await_good(repository_head(repository))
    seen("a rate set by hand: back by self-heal; a pause too where Git says state: Running, and else not")
    repository.replace("deploy/queue.yaml", "state: Running", "state: Paused")
    await_good(repository.push("Paused"))
    check("the queue is paused", paused())
    repository.replace("deploy/queue.yaml", "state: Paused", "state: Running")
    await_good(repository.push("Running"))
    seen("a queue that Git pauses: Synced and Healthy")


def holds(repository):
    hold()
    await_standing("Synced", "Suspended", standing()[2])
    check("a hold stays in a refresh", held())
    seen("a held queue: the Application is Synced and Suspended")
    repository.replace("deploy/queue.yaml", "maxDispatchesPerSecond: 10", "maxDispatchesPerSecond: 11")
    commit = synced_rate(repository, "Another rate", 11)
    check("a hold stays when the queue's manifest changes", held())
    waits = "waiting for healthy state of taskqueue.dev/TaskQueue/order-tasks"
    until("a sync with waves waits for its end", lambda: waits in message())
    end_hold()
    await_good(commit)
    seen("hold: stays in a sync that changes the queue; where there are waves the sync waits for its end")
    hold()
    commit = with_option(repository, "ServerSideApply=true", 12)
    check("it stays with ServerSideApply=true", held())
    end_hold()
    await_good(commit)
    hold()
    commit = with_option(repository, "Replace=true", 13)
    until("it ends with Replace=true", lambda: not held())
    await_good(commit)
    seen("hold: stays with ServerSideApply=true, ends with Replace=true")


def synced_rate(repository, message, number):
    """Pushes, and returns the commit once the queue has this rate."""
    commit = repository.push(message)
    refresh()
    until("the queue has the rate %d" % number, lambda: str(rate()) == str(number))
    return commit


def with_option(repository, option, number):
    """Changes the queue's rate by a sync with an option on the queue."""
    manifest = (repository.clone / "deploy/queue.yaml").read_text(encoding="utf-8")
    lines = [line for line in manifest.splitlines() if "sync-options" not in line]
    lines.insert(lines.index("  name: order-tasks") + 1, '  annotations: {argocd.argoproj.io/sync-options: "%s"}' % option)
    text = "\n".join(lines) + "\n"
    repository.write("deploy/queue.yaml", text.replace("maxDispatchesPerSecond: %d" % (number - 1), "maxDispatchesPerSecond: %d" % number))
    return synced_rate(repository, "A sync with " + option, number)


def repository_head(repository):
    return repository.git("rev-parse", "HEAD").strip()


def by_hand(commit):
    kubectl("annotate", TASK, "warm-cache-v42", "-n", NAMESPACE, "taskqueue.dev/run-now=1")
    await_good(commit)
    check("the annotation run-now stays", annotation(TASK, "warm-cache-v42", "taskqueue.dev/run-now") == "1")
    kubectl("delete", TASK, "warm-cache-v42", "-n", NAMESPACE)
    until("a Task deleted by hand runs again", lambda: sent("warm-cache-v42") == 2 and state("warm-cache-v42") == "Succeeded")
    await_good(commit)
    seen("the Task deleted by hand: created and run again by self-heal")


def releases(repository):
    for file in ("release.yaml", "worker.yaml"):
        repository.replace("deploy/" + file, "v42", "v43")
    await_good(repository.push("Release v43"))
    check("the new release's Task ran once", sent("warm-cache-v43") == 1)
    check("that of the old one was pruned", not get(TASK, "warm-cache-v42"))
    repository.replace("deploy/release.yaml", "v43", "v44")
    repository.replace("deploy/release.yaml", "/tasks/warm-cache", "/tasks/invalid")
    failing = repository.push("Release v44, which fails")
    refresh()
    until("the Application is Degraded", lambda: standing()[1:] == ("Degraded", failing))
    check("the failed Task stays", state("warm-cache-v44") == "Failed" and sent("warm-cache-v44") == 1)
    check("the Task before was pruned nonetheless", not get(TASK, "warm-cache-v43"))
    seen("a Task that fails: the Application is Degraded; the Task of the release before was pruned")
    redrive("warm-cache-v44")
    until("the Application is Healthy", lambda: standing()[1] == "Healthy")
    check("a redrive sends the Task once more", sent("warm-cache-v44") == 2)
    seen("a redrive of the failed Task: the Application is Healthy again, nothing is sent but that")
    await_good(repository.revert())
    check("rollback runs the older release's Task again", sent("warm-cache-v43") == 2)
    check("the failed Task was pruned", not get(TASK, "warm-cache-v44"))
    seen("git revert: the older release's Task, which was pruned in the meantime, runs again")


def changed_spec(repository):
    repository.replace("deploy/release.yaml", "/tasks/warm-cache", "/tasks/warm-other")
    repository.push("Another path under the same name")
    refresh()
    until("the sync fails with our sentence", refused)
    seen("another spec under the same name: the sync fails, with our sentence")
    # It would be tried anew for minutes, and no other sync begin.
    kubectl("patch", "application", APP, "-n", SYSTEM, "--type=merge", "-p", '{"status":{"operationState":{"phase":"Terminating"}}}')
    until("it is terminated", idle)
    repository.replace("deploy/release.yaml", 'sync-wave: "1"', 'sync-wave: "1"\n    argocd.argoproj.io/sync-options: Force=true,Replace=true')
    changed = repository.push("By force")
    refresh()
    until("force creates it anew", lambda: sent("warm-cache-v43") >= 3)
    await_good(changed)
    before = sent("warm-cache-v43")
    begin_sync()
    until("so does each further sync", lambda: sent("warm-cache-v43") > before)
    until("that sync is through", idle)
    seen("the same with Force=true,Replace=true: deleted, created and sent again, and so with each further sync")
    await_good(repository.revert())


def refused():
    operation = at(application(), "status", "operationState") or {}
    messages = [r.get("message", "") for r in at(operation, "syncResult", "resources") or []]
    return next((m for m in messages if "the spec of a Task never changes" in m), None)


def hook(repository):
    repository.write("deploy/hook.yaml", example("### Argo CD") + "\n")
    await_good(repository.push("The hook of the page"))
    check("a commit that only adds a hook starts no sync", hooks_sent() == 0)
    for number in (1, 2):
        repository.replace("deploy/queue.yaml", "maxDispatchesPerSecond: %d" % (12 + number), "maxDispatchesPerSecond: %d" % (13 + number))
        await_good(repository.push("Another rate"))
        until("each sync runs the hook", lambda number=number: hooks_sent() == number)
        until("its Task was deleted after its success", lambda: not hooks())
        await_good(repository_head(repository))
        check("a refresh does not run it", hooks_sent() == number)
    seen("the hook with generateName: runs once with each sync, and is deleted after its success; a commit of the hook alone starts no sync")
    repository.replace("deploy/hook.yaml", "path: /tasks/warm-cache", "path: /tasks/invalid")
    repository.replace("deploy/queue.yaml", "maxDispatchesPerSecond: 15", "maxDispatchesPerSecond: 16")
    repository.push("A hook that fails")
    refresh()
    until("the hook's Task has failed", lambda: any(state(name) == "Failed" for name in hooks()))
    until("the sync fails", lambda: "completed unsuccessfully" in message())
    check("its Task stays", hooks())
    seen("a hook's Task that fails: the sync fails, the Task stays")
    kubectl("patch", "application", APP, "-n", SYSTEM, "--type=merge", "-p", '{"status":{"operationState":{"phase":"Terminating"}}}')


def hooks_sent():
    return sent("warm-cache-") - sum(sent("warm-cache-v4%d" % number) for number in (2, 3, 4))


def hooks():
    names = kubectl("get", TASK, "-n", NAMESPACE, "-o", "jsonpath={.items[*].metadata.name}").split()
    return [name for name in names if name.startswith("warm-cache-") and not name.startswith("warm-cache-v4")]


def pruning(repository):
    repository.remove("deploy/hook.yaml")
    repository.remove("deploy/release.yaml")
    pushed = repository.push("No Task any more")

    def pruned():
        refresh()
        return not get(TASK, "warm-cache-v43") and standing()[::2] == ("Synced", pushed)

    until("a Task taken out of Git is pruned", pruned)
    seen("a Task taken out of Git: pruned")


def prove():
    repository = Repository("argo-orders")
    first = set_up(repository)
    first_sync(first)
    without_a_change(first)
    drift(repository)
    holds(repository)
    by_hand(repository_head(repository))
    releases(repository)
    changed_spec(repository)
    hook(repository)
    pruning(repository)
    kubectl("delete", "application", APP, "-n", SYSTEM)
    kubectl("delete", "namespace", NAMESPACE)
    print("Argo CD: all as docs/gitops.md says")


if __name__ == "__main__":
    main(prove)
