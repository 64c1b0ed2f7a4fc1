"""What docs/gitops.md and docs/operations.md say of helm and kubectl by hand; run starts this."""

import os

from stage import (
    BATCH, NAMESPACE, QUEUE, ROOT, TASK, WORK, at, chart, check, get, held, hold, kubectl, main, run, seen, sent, state, until,
)

SHOP, CHART_QUEUE = str(WORK / "shop"), "chart-tasks"


def helm(*arguments):
    return run(os.environ["HELM"], *arguments, "-n", NAMESPACE)


def upgrade(*flags):
    helm("upgrade", "--install", "shop", SHOP, "--reuse-values", "--wait", *flags)


def releases():
    upgrade()
    until("the Task and the hook's Task ran once", lambda: state("fill-v1") == "Succeeded" and sent("tell") == 1)
    until("each item of the TaskBatch ran once", lambda: batch("fill-all-v1") == "Succeeded" and sent("fill-all-v1") == 3)
    upgrade()
    until("an upgrade without a change runs the hook again", lambda: sent("tell") == 2)
    check("and nothing else", sent("fill-v1") == 1 and state("fill-v1") == "Succeeded")
    check("and no item", sent("fill-all-v1") == 3 and batch("fill-all-v1") == "Succeeded")
    upgrade("--set", "release=v2")
    until("the new release's Task ran", lambda: state("fill-v2") == "Succeeded")
    check("the old one was deleted", not get(TASK, "fill-v1"))
    check("and the old TaskBatch", not get(BATCH, "fill-all-v1"))
    until("the new release's TaskBatch ran", lambda: batch("fill-all-v2") == "Succeeded")
    kubectl("delete", TASK, "fill-v2", "-n", NAMESPACE)
    upgrade()
    until("one deleted by hand runs again with the next upgrade", lambda: sent("fill-v2") == 2)
    helm("rollback", "shop", "1")
    until("a rollback runs the older Task again", lambda: sent("fill-v1") == 2)
    seen("helm: the hook's Task runs with each upgrade, a release's Task once; one deleted by hand, or rolled back to, runs again")


def batch(name):
    return at(get(BATCH, name), "status", "state")


def waiting():
    upgrade("--set", "release=v3", "--set", "path=/tasks/slow", "--set", "hookPath=/tasks/slow", "--set", "batchPath=/tasks/slow")
    check("--wait waits for no Task", state("fill-v3") != "Succeeded" and state("tell") != "Succeeded")
    check("and for no TaskBatch", batch("fill-all-v3") != "Succeeded")
    until("all end", lambda: state("fill-v3") == "Succeeded" and state("tell") == "Succeeded" and batch("fill-all-v3") == "Succeeded")
    seen("helm upgrade --wait: waits for the end of none of them")


def helm_holds():
    hold(queue=CHART_QUEUE)
    upgrade("--set", "rate=11")
    check("the rate is the new one", str(at(get(QUEUE, CHART_QUEUE), "spec", "rateLimits", "maxDispatchesPerSecond")) == "11")
    check("a hold stays in an upgrade", held(CHART_QUEUE))
    upgrade("--set", "rate=12", "--force")
    check("and ends with --force", not held(CHART_QUEUE))
    check("which sends no Task again", sent("fill-v3") == 1 and state("fill-v3") == "Succeeded")
    check("and no item", sent("fill-all-v3") == 3 and batch("fill-all-v3") == "Succeeded")
    seen("helm upgrade: a hold stays; with --force it ends")


def kubectl_holds():
    manifest = (ROOT / "samples/gitops/flux/queue.yaml").read_text(encoding="utf-8")

    def apply(rate, *command):
        kubectl(*command, "-n", NAMESPACE, "-f", "-", text=manifest.replace("maxDispatchesPerSecond: 10", "maxDispatchesPerSecond: %d" % rate))
        check("the rate is the new one", str(at(get(QUEUE, "order-tasks"), "spec", "rateLimits", "maxDispatchesPerSecond")) == str(rate))

    apply(10, "apply")
    hold()
    apply(11, "apply")
    check("kubectl apply leaves a hold", held())
    apply(12, "apply", "--server-side", "--force-conflicts")
    check("so does kubectl apply --server-side", held())
    apply(13, "replace")
    check("kubectl replace ends it", not held())
    hold()
    apply(14, "replace", "--force")
    check("kubectl replace --force ends it", not held())
    seen("kubectl apply, client-side and server-side: a hold stays; kubectl replace, with and without --force: it ends")


def prove():
    kubectl("create", "namespace", NAMESPACE)
    kubectl("create", "-n", NAMESPACE, "-f", str(ROOT / "samples/gitops/flux/worker.yaml"))
    for path, text in chart().items():
        file = WORK / "shop" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    releases()
    waiting()
    helm_holds()
    kubectl_holds()
    kubectl("delete", "namespace", NAMESPACE)
    print("helm and kubectl: all as the pages say")


if __name__ == "__main__":
    main(prove)
