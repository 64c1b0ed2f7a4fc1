"""What the proofs share: kubectl, a Git repository that the controllers read, the journal of what the worker got, and patience."""

import json
import os
import pathlib
import subprocess
import sys
import time

WORK = pathlib.Path(os.environ["WORK"])
ROOT = pathlib.Path(__file__).resolve().parents[2]
GIT_URL = os.environ["GIT_URL"]
NAMESPACE = "orders"
TASK, BATCH, QUEUE = "tasks.taskqueue.dev", "taskbatches.taskqueue.dev", "taskqueues.taskqueue.dev"
PATIENCE = 90


class Failed(Exception):
    """What was to be proven is not so; a sentence."""


def run(*command, text=None, folder=None):
    done = subprocess.run(command, input=text, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(" ".join(command) + ": " + done.stderr.strip())
    return done.stdout


def kubectl(*arguments, text=None):
    return run("kubectl", *arguments, text=text)


def get(kind, name, namespace=NAMESPACE):
    """The object, or {} where there is none."""
    out = kubectl("get", kind, name, "-n", namespace, "-o", "json", "--ignore-not-found")
    return json.loads(out) if out else {}


def at(object_, *path):
    for step in path:
        object_ = (object_ or {}).get(step)
    return object_


def condition(object_, type_):
    return next((c for c in at(object_, "status", "conditions") or [] if c["type"] == type_), {})


def check(sentence, truth, seen=""):
    if not truth:
        raise Failed("not so: %s %s" % (sentence, seen))


def until(sentence, look, seconds=PATIENCE):
    """Waits until look() is true, and returns it."""
    end = time.monotonic() + seconds
    while not (value := look()):
        if time.monotonic() > end:
            raise Failed("not so after %d s: %s" % (seconds, sentence))
        time.sleep(0.2)
    return value


def seen(sentence):
    print("seen:", sentence, flush=True)


def _journal():
    journal = WORK / "journal"
    return journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []


_BEFORE = len(_journal())


def sent(task):
    """How often the worker got Tasks whose name begins so, since this proof began."""
    return sum(json.loads(line)["task"].startswith(task) for line in _journal()[_BEFORE:])


def state(task):
    return at(get(TASK, task), "status", "state")


def annotation(kind, name, key):
    return (at(get(kind, name), "metadata", "annotations") or {}).get(key)


def redrive(task):
    """Mends the worker and starts a failed Task again, as the samples say; returns once it has succeeded."""
    mended = WORK / "journal.mended"
    mended.touch()
    kubectl("annotate", TASK, task, "-n", NAMESPACE, "--overwrite", "taskqueue.dev/redrive=1")
    until("the Task has succeeded", lambda: state(task) == "Succeeded")
    mended.unlink()


HOLD = "taskqueue.dev/hold"


def hold(*flags, queue="order-tasks"):
    kubectl("annotate", QUEUE, queue, "-n", NAMESPACE, "--overwrite", HOLD + "=by hand", *flags)


def held(queue="order-tasks"):
    return annotation(QUEUE, queue, HOLD) is not None


def end_hold(queue="order-tasks"):
    kubectl("annotate", QUEUE, queue, "-n", NAMESPACE, HOLD + "-", "--field-manager=hold")


def chart():
    """The files of the proofs' chart, by their paths in it; its hook has the annotations that docs/gitops.md names."""
    folder = ROOT / ".ci/gitops/chart"
    annotations = example("### Helm")
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {str(file.relative_to(folder)): file.read_text(encoding="utf-8").replace("  # annotations", annotations) for file in files}


def example(heading):
    """The first YAML below a heading of docs/gitops.md."""
    page = (ROOT / "docs/gitops.md").read_text(encoding="utf-8").split("\n" + heading + "\n", 1)[1]
    return page.split("```yaml\n", 1)[1].split("\n```", 1)[0]


class Repository:
    """A bare repository that is served, and a clone of it in which commits are made."""

    def __init__(self, name):
        bare, self.clone = WORK / "git" / (name + ".git"), WORK / name
        run("git", "init", "-q", "--bare", "-b", "main", str(bare))
        run("git", "clone", "-q", str(bare), str(self.clone))
        self.url = GIT_URL + "/" + name + ".git"
        self.git("config", "user.name", "proof")
        self.git("config", "user.email", "proof@example.com")
        self.git("checkout", "-q", "-b", "main")

    def git(self, *arguments):
        return run("git", *arguments, folder=self.clone)

    def copy(self, folder, to):
        """The files of a folder, those of its subfolders not."""
        (self.clone / to).mkdir(parents=True, exist_ok=True)
        for file in (ROOT / folder).glob("*.yaml"):
            self.write(to + "/" + file.name, file.read_text(encoding="utf-8"))

    def write(self, path, text):
        (self.clone / path).parent.mkdir(parents=True, exist_ok=True)
        (self.clone / path).write_text(text, encoding="utf-8")

    def replace(self, path, old, new):
        text = (self.clone / path).read_text(encoding="utf-8")
        check("%s has %s" % (path, old), old in text)
        self.write(path, text.replace(old, new))

    def remove(self, path):
        (self.clone / path).unlink()

    def push(self, message):
        """Commits all and pushes it; returns the commit."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.publish()

    def revert(self, commit="HEAD"):
        """Reverts a commit and pushes that."""
        self.git("revert", "--no-edit", commit)
        return self.publish()

    def publish(self):
        self.git("push", "-q", "origin", "main")
        return self.git("rev-parse", "HEAD").strip()


def main(prove):
    try:
        prove()
    except Failed as failed:
        print("FAILED:", failed, file=sys.stderr)
        sys.exit(1)
