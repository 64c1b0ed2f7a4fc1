"""operator_chart.py install|remove helm|flux|argo: the operator's own chart by the tool's hands: installed, upgraded, removed; run starts this.

Between the two, the operator runs with the account and the rights that this installation made.
"""

import os
import re
import sys

from stage import QUEUE, ROOT, WORK, Failed, Repository, at, check, condition, get, kubectl, run, seen, until

SYSTEM, RELEASE, CHART = "taskqueue-system", "taskqueue", "charts/taskqueue"
CRDS = (QUEUE, "tasks.taskqueue.dev", "taskbatches.taskqueue.dev")
LABEL_VALUE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
# A version with build metadata: what Flux makes of a commit or of the digest of an OCI artifact.
VERSION = "0.1.0+9414ed9678d1"


def deployment():
    return get("deployment", RELEASE, SYSTEM)


def check_installed(by):
    until("the Deployment is there", deployment)
    version = at(deployment(), "metadata", "labels", "helm.sh/chart")
    check("the chart's version is a label", LABEL_VALUE.fullmatch(version), version)
    for crd in CRDS:
        until(crd + " is served", lambda crd=crd: condition(get("crd", crd), "Established").get("status") == "True")
    check("the operator may write status", may("patch", "tasks.taskqueue.dev", "--subresource=status"))
    check("the operator may read no Secret", not may("get", "secrets"))
    seen("%s installs the operator's chart, label helm.sh/chart=%s" % (by, version))


def may(verb, resource, *flags):
    account = "system:serviceaccount:%s:%s" % (SYSTEM, RELEASE)
    try:
        return kubectl("auth", "can-i", verb, resource, "--all-namespaces", "--as=" + account, *flags).strip() == "yes"
    except Failed:
        return False


def check_removed(by):
    until("the Deployment is gone", lambda: not deployment())
    until("so is the ClusterRole", lambda: not get("clusterrole", RELEASE))
    for crd in CRDS:
        check(crd + " stays", get("crd", crd) and "deletionTimestamp" not in get("crd", crd)["metadata"])
    seen("%s removes the chart: the CRDs stay, and with them queues and Tasks" % by)


def replicas():
    return at(deployment(), "spec", "replicas")


class Helm:
    NAME = "Helm 3"

    def __init__(self):
        self.package = WORK / ("taskqueue-%s.tgz" % VERSION)

    def helm(self, *arguments):
        return run(os.environ["HELM"], *arguments, "-n", SYSTEM)

    def install(self):
        run(os.environ["HELM"], "package", str(ROOT / CHART), "--version", VERSION, "--destination", str(WORK))
        self.helm("install", RELEASE, str(self.package), "--create-namespace")
        self.helm("upgrade", RELEASE, str(self.package), "--set", "replicaCount=3")
        check("an upgrade changes a value", replicas() == 3)
        self.helm("rollback", RELEASE, "1")
        check("a rollback changes it back", replicas() == 2)

    def remove(self):
        self.helm("uninstall", RELEASE, "--wait")


def operator_repository():
    """A repository with the chart as it is in ours."""
    repository = Repository("taskqueue-operator")
    for file in (ROOT / CHART).rglob("*"):
        if file.is_file():
            repository.write(str(file.relative_to(ROOT)), file.read_text(encoding="utf-8"))
    return repository


def manifest(name, url):
    return (ROOT / "docs/gitops" / name).read_text(encoding="utf-8").replace("https://git.example.com/taskqueue-operator.git", url)


class Flux:
    NAME, SYSTEM = "Flux", "flux-system"

    def release(self):
        return get("helmrelease", RELEASE, self.SYSTEM)

    def ready(self):
        now = self.release()
        ready = condition(now, "Ready")
        current = at(now, "status", "observedGeneration") == at(now, "metadata", "generation")
        if current and ready.get("status") == "False" and ready.get("reason") not in ("Progressing", "ArtifactFailed", "HelmChartNotReady"):
            raise Failed("the HelmRelease of the operator failed: %s" % ready)
        return current and ready.get("status") == "True" and not condition(now, "Reconciling")

    def again(self, number):
        kubectl("annotate", "helmrelease", RELEASE, "-n", self.SYSTEM, "--overwrite", "reconcile.fluxcd.io/requestedAt=" + number)
        until("it is reconciled again", lambda: at(self.release(), "status", "lastHandledReconcileAt") == number and self.ready())

    def install(self):
        repository = operator_repository()
        repository.push("The chart")
        kubectl("apply", "--server-side", "-f", "-", text=manifest("operator-flux.yaml", repository.url))
        until("the HelmRelease of the operator is Ready", self.ready, 180)
        version = at(self.release(), "status", "history")[0]["chartVersion"]
        check("the chart's version has the commit as build metadata", "+" in version, version)
        self.again("1")
        self.again("2")
        check("nothing drifts", at(self.release(), "status", "history")[0]["version"] == 1, at(self.release(), "status", "history"))
        kubectl("patch", "deployment", RELEASE, "-n", SYSTEM, "--type=merge", "-p", '{"spec":{"replicas":5}}')
        self.again("3")
        until("drift is corrected", lambda: replicas() == 2)
        kubectl("patch", "helmrelease", RELEASE, "-n", self.SYSTEM, "--type=merge", "-p", '{"spec":{"values":{"replicaCount":3}}}')
        until("a changed value is an upgrade", lambda: self.ready() and replicas() == 3)
        seen("HelmRelease of the operator: version %s; two reconciliations change nothing, drift is corrected, a value is an upgrade" % version)

    def remove(self):
        kubectl("delete", "helmrelease", RELEASE, "-n", self.SYSTEM)
        kubectl("delete", "gitrepository", RELEASE, "-n", self.SYSTEM)


class Argo:
    NAME, SYSTEM = "Argo CD", "argocd"

    def application(self):
        return get("application", RELEASE, self.SYSTEM)

    def refresh(self):
        kubectl("annotate", "application", RELEASE, "-n", self.SYSTEM, "--overwrite", "argocd.argoproj.io/refresh=hard")
        until("it is refreshed", lambda: "argocd.argoproj.io/refresh" not in (at(self.application(), "metadata", "annotations") or {}))

    def good(self):
        status = self.application().get("status", {})
        return at(status, "sync", "status") == "Synced" and at(status, "health", "status") == "Healthy"

    def unwell(self):
        resources = at(self.application(), "status", "resources") or []
        return [
            (r["kind"], r["name"], r.get("status"), r.get("health"))
            for r in resources
            if r.get("status") != "Synced" or at(r, "health", "status") not in (None, "Healthy")
        ]

    def await_good(self):
        self.refresh()
        try:
            until("the Application of the operator is Synced and Healthy", self.good, 180)
        except Failed as failed:
            raise Failed("%s: %s %s" % (failed, self.unwell(), at(self.application(), "status", "operationState", "message"))) from None

    def install(self):
        repository = operator_repository()
        repository.push("The chart")
        kubectl("apply", "--server-side", "-f", "-", text=manifest("operator-argocd.yaml", repository.url))
        until("the Application is looked at", lambda: at(self.application(), "status", "sync", "status"))
        self.await_good()
        kubectl("patch", "deployment", RELEASE, "-n", SYSTEM, "--type=merge", "-p", '{"spec":{"replicas":5}}')
        until("self-heal corrects drift", lambda: replicas() == 2)
        patch = '{"spec":{"source":{"helm":{"valuesObject":{"replicaCount":3}}}}}'
        kubectl("patch", "application", RELEASE, "-n", self.SYSTEM, "--type=merge", "-p", patch)
        until("a changed value is synced", lambda: replicas() == 3)
        self.await_good()
        seen("Application of the operator: Synced and Healthy, self-heal corrects drift, a value is synced")

    def remove(self):
        kubectl("delete", "application", RELEASE, "-n", self.SYSTEM)


def main(step, name):
    tool = {"helm": Helm, "flux": Flux, "argo": Argo}[name]()
    try:
        if step == "install":
            tool.install()
            check_installed(tool.NAME)
        else:
            tool.remove()
            check_removed(tool.NAME)
    except Failed as failed:
        print("FAILED:", failed, file=sys.stderr)
        sys.exit(1)


main(*sys.argv[1:])
