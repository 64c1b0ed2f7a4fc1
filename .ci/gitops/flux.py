"""What docs/gitops.md and docs/operations.md say of Flux, proven with its own controllers; run starts this."""

import itertools

import helm_release
from stage import (
    NAMESPACE, QUEUE, ROOT, TASK, Failed, Repository, annotation, at, check, condition, end_hold, get, held, hold, kubectl, main, redrive, seen,
    sent, state, until,
)

SYSTEM = "flux-system"
HEALTH = "docs/gitops/flux-health.yaml"
_numbers = itertools.count(1)


def ask(kind, name):
    """Has it reconciled now, as `flux reconcile` does, and returns once it has begun to."""
    number = str(next(_numbers))
    kubectl("annotate", kind, name, "-n", SYSTEM, "--overwrite", "reconcile.fluxcd.io/requestedAt=" + number)
    return number


def reconcile(kind, name):
    number = ask(kind, name)
    until("%s %s has reconciled" % (kind, name), lambda: at(get(kind, name, SYSTEM), "status", "lastHandledReconcileAt") == number)


def fetch(commit):
    def fetched():
        ask("gitrepository", "orders")
        revision = at(get("gitrepository", "orders", SYSTEM), "status", "artifact", "revision") or ""
        return revision.endswith(commit)

    until("source-controller has commit " + commit, fetched)


def ready(name="orders"):
    return condition(get("kustomization", name, SYSTEM), "Ready")


def await_ready(commit, name="orders"):
    fetch(commit)
    ask("kustomization", name)

    def applied():
        status = get("kustomization", name, SYSTEM).get("status", {})
        now = ready(name)
        if now.get("status") == "False" and status.get("lastAttemptedRevision", "").endswith(commit) and now["reason"] != "ReconciliationFailed":
            raise Failed("the Kustomization of %s failed: %s" % (commit, now))
        return status.get("lastAppliedRevision", "").endswith(commit) and now.get("status") == "True"

    until("the Kustomization is Ready at " + commit, applied)


def await_failure(commit):
    fetch(commit)
    ask("kustomization", "orders")

    def failed():
        status = get("kustomization", "orders", SYSTEM).get("status", {})
        return status.get("lastAttemptedRevision", "").endswith(commit) and ready().get("status") == "False"

    until("the Kustomization fails at " + commit, failed)
    return ready()


def commit(repository, message):
    pushed = repository.push(message)
    await_ready(pushed)
    return pushed


def rate():
    return at(get(QUEUE, "order-tasks"), "spec", "rateLimits", "maxDispatchesPerSecond")


def set_up(repository):
    kubectl("create", "namespace", NAMESPACE)
    repository.copy("samples/gitops/flux", "deploy")
    first = repository.push("The sample")
    sample = (ROOT / "samples/gitops/flux/flux-system/orders.yaml").read_text(encoding="utf-8")
    kubectl("apply", "--server-side", "-f", "-", text=sample.replace("https://git.example.com/orders.git", repository.url))
    patched = kubectl("-n", SYSTEM, "patch", "kustomization", "orders", "--type=merge", "--patch-file", str(ROOT / HEALTH))
    check("the sample's Kustomization has the lines of " + HEALTH, "(no change)" in patched, patched)
    return first


def first_sync(first):
    await_ready(first)
    check("the Task ran once", sent("warm-cache-v42") == 1 and state("warm-cache-v42") == "Succeeded")
    ended = at(get(TASK, "warm-cache-v42"), "status", "completionTime")
    check("Ready came after the Task's end", ended[:19] <= ready()["lastTransitionTime"][:19], (ended, ready()))
    seen("first sync: the Task ran once, the Kustomization was Ready after its end")


def without_a_change():
    before = [at(get(kind, name), "metadata", "resourceVersion") for kind, name in ((TASK, "warm-cache-v42"),)]
    for _ in range(3):
        reconcile("kustomization", "orders")
    after = [at(get(kind, name), "metadata", "resourceVersion") for kind, name in ((TASK, "warm-cache-v42"),)]
    check("a sync without a change does not touch the Task", before == after)
    check("nor sends it", sent("warm-cache-v42") == 1)
    check("and leaves the Kustomization Ready", ready().get("status") == "True")
    seen("three syncs without a change: the finished Task stays, untouched, and is not sent again")


def drift():
    kubectl("patch", QUEUE, "order-tasks", "-n", NAMESPACE, "--type=merge", "-p", '{"spec":{"rateLimits":{"maxDispatchesPerSecond":"3"}}}')
    reconcile("kustomization", "orders")
    check("the queue's rate is Git's again", str(rate()) == "10", rate())
    kubectl("patch", QUEUE, "order-tasks", "-n", NAMESPACE, "--type=merge", "-p", '{"spec":{"state":"Paused"}}')
    reconcile("kustomization", "orders")
    check("a pause by hand has gone", at(get(QUEUE, "order-tasks"), "spec", "state") != "Paused")
    seen("a rate and a pause set by hand: back to Git's with the next sync")


def holds(repository):
    hold("--field-manager=hold")
    reconcile("kustomization", "orders")
    check("a hold with --field-manager=hold stays", held())
    repository.replace("deploy/queue.yaml", "maxDispatchesPerSecond: 10", "maxDispatchesPerSecond: 11")
    commit(repository, "Another rate")
    check("the rate is the new one", str(rate()) == "11", rate())
    check("and the hold stays when the queue's manifest changes", held())
    end_hold()
    hold()
    reconcile("kustomization", "orders")
    check("a hold without --field-manager ends with the next sync", not held())
    seen("hold with --field-manager=hold: stays, also when the manifest changes; without the flag: ends with the next sync")


def by_hand(repository):
    kubectl("annotate", TASK, "warm-cache-v42", "-n", NAMESPACE, "taskqueue.dev/run-now=1")
    reconcile("kustomization", "orders")
    check("the annotation run-now was taken away", annotation(TASK, "warm-cache-v42", "taskqueue.dev/run-now") is None)
    kubectl("delete", TASK, "warm-cache-v42", "-n", NAMESPACE)
    reconcile("kustomization", "orders")
    until("a Task deleted by hand runs again", lambda: sent("warm-cache-v42") == 2 and state("warm-cache-v42") == "Succeeded")
    repository.replace("deploy/release.yaml", "name: warm-cache-v42", "name: warm-cache-v42\n  labels: {team: shop}")
    commit(repository, "A label")
    check("a label is taken over", at(get(TASK, "warm-cache-v42"), "metadata", "labels", "team") == "shop")
    check("and the Task is not sent again", sent("warm-cache-v42") == 2)
    seen("the Task deleted by hand: created and run again; a new label: taken over, not sent again")


def releases(repository):
    for file in ("release.yaml", "worker.yaml"):
        repository.replace("deploy/" + file, "v42", "v43")
    commit(repository, "Release v43")
    check("the new release's Task ran once", sent("warm-cache-v43") == 1)
    check("that of the old one was pruned", not get(TASK, "warm-cache-v42"))
    repository.replace("deploy/release.yaml", "v43", "v44")
    repository.replace("deploy/release.yaml", "/tasks/warm-cache", "/tasks/invalid")
    failure = await_failure(repository.push("Release v44, which fails"))
    check("it fails early", "failed early due to stalled resources" in failure["message"] and "warm-cache-v44" in failure["message"], failure)
    check("the failed Task stays", state("warm-cache-v44") == "Failed" and sent("warm-cache-v44") == 1)
    seen("a Task that fails: Kustomization Ready=False, %s: %s" % (failure["reason"], failure["message"]))
    check("the Task before was pruned nonetheless", not get(TASK, "warm-cache-v43"))
    redrive("warm-cache-v44")
    ask("kustomization", "orders")
    until("the Kustomization is Ready", lambda: ready().get("status") == "True")
    check("a redrive sends the Task once more", sent("warm-cache-v44") == 2)
    seen("a redrive of the failed Task: Ready with the next reconciliation, nothing is sent but that")
    await_ready(repository.revert())
    check("rollback runs the older release's Task again", sent("warm-cache-v43") == 2)
    check("the failed Task was pruned", not get(TASK, "warm-cache-v44"))
    seen("git revert: the older release's Task, which was pruned in the meantime, runs again")


def changed_spec(repository):
    repository.replace("deploy/release.yaml", "/tasks/warm-cache", "/tasks/warm-other")
    failure = await_failure(repository.push("Another path under the same name"))
    check("the sentence is ours", "the spec of a Task never changes" in failure["message"], failure)
    seen("another spec under the same name: " + failure["reason"] + ", with our sentence")
    hold("--field-manager=hold")
    kubectl("patch", "kustomization", "orders", "-n", SYSTEM, "--type=merge", "-p", '{"spec":{"force":true}}')
    ask("kustomization", "orders")
    until("force deletes it", lambda: sent("warm-cache-v43") == 2 and at(get(TASK, "warm-cache-v43"), "spec", "httpRequest", "path") == "/tasks/warm-other")
    check("and leaves what needs no force: the held queue", held())
    end_hold()
    until("what force has created is sent", lambda: sent("warm-cache-v43") == 3)
    kubectl("patch", "kustomization", "orders", "-n", SYSTEM, "--type=merge", "-p", '{"spec":{"force":false}}')
    until("the Kustomization is Ready", lambda: ready().get("status") == "True")
    seen("the same with force: deleted, created and sent again; a queue, whose spec may change, is not deleted and stays held")


def waiting(repository):
    """A second Kustomization over a Task whose handler takes its time, without and with the expressions."""
    task = (repository.clone / "deploy/release.yaml").read_text(encoding="utf-8").replace("/tasks/warm-other", "/tasks/slow")
    for name in ("unseen", "awaited"):
        repository.write("slow/%s/task.yaml" % name, task.replace("warm-cache-v43", "slow-" + name))
    fetch(repository.push("Two slow Tasks"))
    for name in ("unseen", "awaited"):
        source = {"kind": "GitRepository", "name": "orders"}
        spec = '{"sourceRef":{"kind":"%s","name":"%s"},"path":"./slow/%s","interval":"10m","prune":true,"wait":true,"targetNamespace":"%s"}'
        kubectl(
            "create", "-f", "-",
            text='{"apiVersion":"kustomize.toolkit.fluxcd.io/v1","kind":"Kustomization","metadata":{"name":"%s","namespace":"%s"},"spec":%s}'
            % (name, SYSTEM, spec % (source["kind"], source["name"], name, NAMESPACE)),
        )
        if name == "awaited":
            kubectl("-n", SYSTEM, "patch", "kustomization", name, "--type=merge", "--patch-file", str(ROOT / HEALTH))
        until(name + " is Ready", lambda name=name: ready(name).get("status") == "True")
        done = state("slow-" + name) == "Succeeded"
        check("the Task has%s ended when %s is Ready" % ("" if name == "awaited" else " not", name), done == (name == "awaited"))
    seen("wait without the expressions does not wait for a Task's end; with them it does")
    for name in ("unseen", "awaited"):
        kubectl("delete", "kustomization", name, "-n", SYSTEM)


def pruning(repository):
    repository.remove("deploy/release.yaml")
    commit(repository, "No Task any more")
    check("a Task taken out of Git is pruned", not get(TASK, "warm-cache-v43"))
    seen("a Task taken out of Git: pruned")


def prove():
    repository = Repository("orders")
    first_sync(set_up(repository))
    without_a_change()
    drift()
    holds(repository)
    by_hand(repository)
    releases(repository)
    changed_spec(repository)
    waiting(repository)
    pruning(repository)
    helm_release.prove(repository, fetch, reconcile)
    kubectl("delete", "kustomization", "orders", "-n", SYSTEM)
    until("the queue went with its Kustomization", lambda: not get(QUEUE, "order-tasks"))
    kubectl("delete", "namespace", NAMESPACE)
    print("Flux: all as docs/gitops.md says")


if __name__ == "__main__":
    main(prove)
