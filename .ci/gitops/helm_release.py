"""The same of a HelmRelease, that is Helm 4 by the hands of Flux."""

import json

from stage import (
    NAMESPACE, QUEUE, ROOT, TASK, Failed, annotation, at, chart, check, condition, end_hold, get, held, hold, kubectl, seen, sent, state, until,
)

SYSTEM, CHART, RELEASE, CHART_QUEUE = "flux-system", "chart", "shop", "chart-tasks"


class Release:
    """A HelmRelease of a chart in the repository."""

    def __init__(self):
        self.values = {}
        self.spec = {
            "interval": "10m",
            "timeout": "1m",
            "targetNamespace": NAMESPACE,
            "releaseName": RELEASE,
            "chart": {"spec": {"chart": "./" + CHART, "sourceRef": {"kind": "GitRepository", "name": "orders"}, "reconcileStrategy": "Revision"}},
        }

    def apply(self, **values):
        self.values |= values
        object_ = {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": RELEASE, "namespace": SYSTEM}}
        object_["spec"] = self.spec | {"values": self.values}
        kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", text=json.dumps(object_))

    def ready(self):
        """The condition, once it is about the last change and not in the making."""
        now = get("helmrelease", RELEASE, SYSTEM)
        ready = condition(now, "Ready")
        current = at(now, "status", "observedGeneration") == now["metadata"]["generation"]
        return ready if current and ready.get("status") in ("True", "False") and not condition(now, "Reconciling") else {}

    def upgrade(self, **values):
        self.apply(**values)
        now = until("the HelmRelease is through", self.ready)
        if now["status"] != "True":
            raise Failed("the HelmRelease failed: %s" % now)

    def failure(self, **values):
        self.apply(**values)
        now = until("the HelmRelease is through", self.ready)
        check("the HelmRelease has failed", now["status"] == "False", now)
        return now


def prove(repository, fetch, reconcile):
    for path, text in chart().items():
        repository.write(CHART + "/" + path, text)
    fetch(repository.push("A chart"))
    release = Release()
    install(release, lambda: reconcile("helmrelease", RELEASE))
    upgrades(release)
    drift(release, lambda: reconcile("helmrelease", RELEASE))
    health(release)
    kubectl("delete", "helmrelease", RELEASE, "-n", SYSTEM)
    until("the queue went with its HelmRelease", lambda: not get(QUEUE, CHART_QUEUE))


def install(release, again):
    release.upgrade()
    until("the Task ran", lambda: state("fill-v1") == "Succeeded")
    check("the Task has Helm's mark", annotation(TASK, "fill-v1", "meta.helm.sh/release-name") == RELEASE)
    until("the hook's Task ran", lambda: sent("tell") == 1)
    again()
    again()
    check("a reconciliation without a change sends nothing", sent("fill-v1") == 1 and sent("tell") == 1)
    check("the Task stays", state("fill-v1") == "Succeeded")
    seen("HelmRelease: the Task and the hook's Task ran once; two reconciliations without a change send nothing")


def upgrades(release):
    hold(queue=CHART_QUEUE)
    release.upgrade(rate=11)
    check("the rate is the new one", str(at(get(QUEUE, CHART_QUEUE), "spec", "rateLimits", "maxDispatchesPerSecond")) == "11")
    check("a hold stays in an upgrade", held(CHART_QUEUE))
    end_hold(CHART_QUEUE)
    until("the hook's Task ran again", lambda: sent("tell") == 2)
    check("the Task did not", sent("fill-v1") == 1)
    release.upgrade(release="v2")
    until("the new release's Task ran", lambda: state("fill-v2") == "Succeeded")
    check("the old one was deleted", not get(TASK, "fill-v1"))
    kubectl("delete", TASK, "fill-v2", "-n", NAMESPACE)
    release.upgrade(rate=12)
    until("a Task deleted by hand runs again with the next upgrade", lambda: sent("fill-v2") == 2)
    seen("upgrade: a hold stays; the hook's Task runs each time; the release's Task runs once, its predecessor is deleted; one deleted by hand runs again")


def by_hand(patch):
    kubectl("patch", QUEUE, CHART_QUEUE, "-n", NAMESPACE, "--type=merge", "-p", patch)


def drift(release, again):
    release.spec["driftDetection"] = {"mode": "enabled"}
    release.upgrade()
    by_hand('{"spec":{"state":"Paused","rateLimits":{"maxDispatchesPerSecond":"3"}}}')
    hold(queue=CHART_QUEUE)
    again()
    until("drift is corrected", lambda: str(at(get(QUEUE, CHART_QUEUE), "spec", "rateLimits", "maxDispatchesPerSecond")) == "12")
    check("and the hold stays", held(CHART_QUEUE))
    check("and a pause, as the chart says no state", at(get(QUEUE, CHART_QUEUE), "spec", "state") == "Paused")
    by_hand('{"spec":{"state":"Running"}}')
    end_hold(CHART_QUEUE)
    runs = sent("fill-v2")
    kubectl("delete", TASK, "fill-v2", "-n", NAMESPACE)
    again()
    until("a Task deleted by hand runs again", lambda: sent("fill-v2") == runs + 1)
    seen("driftDetection: a rate set by hand goes back, a hold and a pause stay, a deleted Task is created and run again")
    del release.spec["driftDetection"]


def health(release):
    release.upgrade(release="v4", path="/tasks/slow", hookPath="/tasks/slow")
    ends = state("fill-v4"), state("tell")
    check("without the expressions it waits for the end of no Task", "Succeeded" not in ends, ends)
    until("it ends", lambda: state("fill-v4") == "Succeeded" and state("tell") == "Succeeded")
    file = json.loads(kubectl("create", "--dry-run=client", "-o", "json", "-f", "-", text=kustomization()))
    release.spec["healthCheckExprs"] = file["spec"]["healthCheckExprs"]
    release.upgrade(release="v5")
    ends = state("fill-v5"), state("tell")
    check("with them it waits for that of both", ends == ("Succeeded", "Succeeded"), ends)
    release.upgrade(hookPath="/tasks/tell")
    seen("a HelmRelease does not wait for the end of a Task or of a hook's Task; with the expressions it waits for both")
    failure = release.failure(release="v6", path="/tasks/invalid")
    check("the failed Task is named", "fill-v6" in failure["message"], failure)
    seen("a Task that fails, with the expressions: HelmRelease Ready=False, %s: %s" % (failure["reason"], failure["message"]))
    failure = release.failure(path="/tasks/other")
    check("the sentence is ours", "the spec of a Task never changes" in failure["message"], failure)
    seen("another spec under the same name: the upgrade fails, with our sentence")
    hold(queue=CHART_QUEUE)
    release.spec["timeout"] = "20s"
    failure = release.failure(release="v7", path="/tasks/fill")
    check("a new Task of a held queue was not sent,", not sent("fill-v7"), failure)
    seen("with the expressions and a held queue: the upgrade fails by its timeout")
    del release.spec["healthCheckExprs"]
    release.spec["upgrade"] = {"force": True}
    release.upgrade(rate=13)
    check("the hold stays with upgrade.force", held(CHART_QUEUE))
    seen("upgrade.force: a hold stays")


def kustomization():
    """The lines of docs/gitops/flux-health.yaml as an object that kubectl reads."""
    return "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: x}\n" + "".join(
        line for line in (ROOT / "docs/gitops/flux-health.yaml").read_text(encoding="utf-8").splitlines(True) if not line.startswith("#")
    )
