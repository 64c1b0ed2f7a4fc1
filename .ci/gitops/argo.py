"""What docs/gitops.md and docs/operations.md say of Argo CD, proven with its own controllers; run starts this."""

from stage import (
    NAMESPACE, QUEUE, ROOT, TASK, Failed, Repository, annotation, at, check, example, get, held, hold, kubectl, main, seen, sent, state, until,
)

SYSTEM, APP = "argocd", "orders"


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


def syncs():
    return len(at(application(), "status", "history") or [])


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
    before, version = syncs(), at(get(TASK, "warm-cache-v42"), "metadata", "resourceVersion")
    for _ in range(3):
        await_good(commit)
    kubectl("patch", "application", APP, "-n", SYSTEM, "--type=merge", "-p", '{"operation":{"initiatedBy":{"username":"proof"},"sync":{"prune":true}}}')
    until("a sync by hand is through", lambda: syncs() == before + 1)
    await_good(commit)
    check("nothing was sent", sent("warm-cache-v42") == 1)
    check("the Task is as it was", at(get(TASK, "warm-cache-v42"), "metadata", "resourceVersion") == version)
    check("it is Synced", sync_of("warm-cache-v42") == "Synced")
    seen("three refreshes and a sync without a change: the finished Task stays, Synced, untouched, and is not sent again")


def rate():
    return at(get(QUEUE, "order-tasks"), "spec", "rateLimits", "maxDispatchesPerSecond")


def drift(commit):
    kubectl("patch", QUEUE, "order-tasks", "-n", NAMESPACE, "--type=merge", "-p", '{"spec":{"rateLimits":{"maxDispatchesPerSecond":"3"},"state":"Paused"}}')
    until("self-heal puts Git's rate back", lambda: str(rate()) == "10")
    until("and ends a pause by hand", lambda: at(get(QUEUE, "order-tasks"), "spec", "state") != "Paused")
    await_good(commit)
    seen("a rate and a pause set by hand: back by self-heal")


def holds(repository):
    hold()
    await_standing("Synced", "Suspended", standing()[2])
    check("a hold stays in a refresh", held())
    seen("a held queue: the Application is Synced and Suspended")
    repository.replace("deploy/queue.yaml", "maxDispatchesPerSecond: 10", "maxDispatchesPerSecond: 11")
    await_standing("Synced", "Suspended", repository.push("Another rate"))
    check("the rate is the new one", str(rate()) == "11")
    check("a hold stays when the queue's manifest changes", held())
    with_option(repository, "ServerSideApply=true", 12)
    check("also with ServerSideApply=true", held())
    with_option(repository, "Replace=true", 13)
    until("a hold ends with Replace=true", lambda: not held())
    await_good(repository_head(repository))
    seen("hold without a flag: stays in syncs that change the queue, by client-side and by server-side apply; ends with Replace=true")


def with_option(repository, option, number):
    """Changes the queue's rate by a sync with an option on the queue."""
    manifest = (repository.clone / "deploy/queue.yaml").read_text(encoding="utf-8")
    lines = [line for line in manifest.splitlines() if "sync-options" not in line]
    lines.insert(lines.index("  name: order-tasks") + 1, '  annotations: {argocd.argoproj.io/sync-options: "%s"}' % option)
    text = "\n".join(lines) + "\n"
    repository.write("deploy/queue.yaml", text.replace("maxDispatchesPerSecond: %d" % (number - 1), "maxDispatchesPerSecond: %d" % number))
    repository.push("A sync with " + option)
    refresh()
    until("the queue has the rate of the sync with " + option, lambda: str(rate()) == str(number))


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
    print("failed:", standing(), at(application(), "status", "operationState", "phase"), at(application(), "status", "operationState", "message"), "v43:", state("warm-cache-v43"), flush=True)
    seen("a Task that fails: the Application is Degraded, the Task's message is shown; its predecessor is not pruned")
    await_good(repository.revert())
    print("v43 sent", sent("warm-cache-v43"), flush=True)
    check("the failed Task was pruned", not get(TASK, "warm-cache-v44"))
    # Below it lie the release v44 and its revert.
    await_good(repository.revert("HEAD~2"))
    check("rollback to a Task that was pruned runs it again", sent("warm-cache-v42") == 3)
    check("and prunes the newer one", not get(TASK, "warm-cache-v43"))
    seen("git revert: a Task that was pruned in the meantime runs again")


def changed_spec(repository):
    repository.replace("deploy/release.yaml", "/tasks/warm-cache", "/tasks/warm-other")
    changed = repository.push("Another path under the same name")
    refresh()
    message = until("the sync fails with our sentence", lambda: refused())
    seen("another spec under the same name: the sync fails, with our sentence: " + message[:200])
    repository.replace("deploy/release.yaml", 'sync-wave: "1"', 'sync-wave: "1"\n    argocd.argoproj.io/sync-options: Force=true,Replace=true')
    changed = repository.push("By force")
    refresh()
    until("force creates it anew", lambda: sent("warm-cache-v42") == 4)
    await_good(changed)
    seen("the same with Force=true,Replace=true: deleted, created and sent again")


def refused():
    operation = at(application(), "status", "operationState") or {}
    messages = [r.get("message", "") for r in at(operation, "syncResult", "resources") or []]
    return next((m for m in messages if "the spec of a Task never changes" in m), None)


def hook(repository):
    repository.write("deploy/hook.yaml", example("### Argo CD") + "\n")
    await_good(repository.push("The hook of the page"))
    until("the hook's Task ran once", lambda: sent("warm-cache-") - sent("warm-cache-v") == 1)
    until("the hook's Task was deleted after its success", lambda: not hooks())
    for _ in range(2):
        await_good(repository_head(repository))
    check("nothing is sent by a refresh", sent("warm-cache-") - sent("warm-cache-v") == 1)
    repository.replace("deploy/queue.yaml", "maxDispatchesPerSecond: 13", "maxDispatchesPerSecond: 14")
    await_good(repository.push("One more sync"))
    until("the next sync runs the hook again", lambda: sent("warm-cache-") - sent("warm-cache-v") == 2)
    until("and deletes its Task", lambda: not hooks())
    seen("the hook with generateName: runs once with each sync, and is deleted after its success")
    repository.replace("deploy/hook.yaml", "path: /tasks/warm-cache", "path: /tasks/invalid")
    repository.push("A hook that fails")
    refresh()
    phase = until("the sync of a failed hook fails", lambda: at(application(), "status", "operationState", "phase") == "Failed" and at(application(), "status", "operationState"))
    print("hook failed:", phase["message"], standing(), hooks(), flush=True)
    seen("a hook's Task that fails: the sync fails")
    await_good(repository.revert())


def hooks():
    names = kubectl("get", TASK, "-n", NAMESPACE, "-o", "name").split()
    return [name for name in names if "warm-cache-" in name and "warm-cache-v" not in name]


def pruning(repository):
    repository.remove("deploy/hook.yaml")
    repository.remove("deploy/release.yaml")
    await_good(repository.push("No Task any more"))
    check("a Task taken out of Git is pruned", not get(TASK, "warm-cache-v42"))
    seen("a Task taken out of Git: pruned")


def prove():
    repository = Repository("argo-orders")
    first = set_up(repository)
    first_sync(first)
    without_a_change(first)
    drift(first)
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
