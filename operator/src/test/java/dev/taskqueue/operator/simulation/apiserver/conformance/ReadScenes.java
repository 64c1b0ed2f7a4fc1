package dev.taskqueue.operator.simulation.apiserver.conformance;

import static dev.taskqueue.operator.simulation.apiserver.conformance.Steps.task;

import dev.taskqueue.operator.simulation.apiserver.conformance.Steps.Reply;
import dev.taskqueue.operator.simulation.apiserver.conformance.Steps.Watching;

/** Scenes of the conformance script about lists and watches. */
final class ReadScenes {
    private static final String ALL_TASKS = "/apis/taskqueue.dev/v1beta1/tasks";

    private ReadScenes() {}

    static void pages(Steps steps) {
        steps.acceptMetadata();
        for (String name : new String[] {"a", "b", "c", "d", "e"}) {
            steps.post("tasks", task("{'name':'" + name + "','labels':{'vowel':'" + "ae".contains(name) + "'}}"));
        }
        Reply first = steps.get("tasks?limit=2");
        steps.delete("tasks/c");
        steps.merge("tasks/d", "{'metadata':{'labels':{'changed':'yes'}}}");
        steps.post("tasks", task("{'name':'cc'}"));
        Reply second = steps.get("tasks?limit=2&continue=" + first.next());
        steps.delete("tasks/e");
        steps.get("tasks?limit=2&continue=" + second.next());
        steps.get("tasks?continue=" + first.next());
        steps.get("tasks");
        steps.get("tasks?limit=2&resourceVersion=0");
        steps.get("tasks?limit=1&labelSelector=vowel=false");
        steps.get("tasks?continue=nonsense");
        steps.get("tasks?resourceVersion=9999999");
        steps.get("tasks/a?resourceVersion=9999999");
        steps.get("tasks/a?resourceVersion=0");
        steps.get("tasks?resourceVersion=word");
        steps.acceptObjects();
        String now = steps.get("tasks/a").version();
        steps.get("tasks?resourceVersionMatch=Exact&resourceVersion=" + now);
        steps.accept("text/plain");
        steps.get("tasks/a");
    }

    static void selectors(Steps steps) {
        steps.post("tasks", task("{'name':'a','labels':{'app':'shop'}}"));
        steps.post("tasks", task("{'name':'b','labels':{'app':'other'}}"));
        steps.post("tasks", task("{'name':'c'}"));
        steps.merge("tasks/b/status", "{'status':{'state':'Queued'}}");
        steps.acceptMetadata();
        for (String selector : new String[] {
            "labelSelector=app=shop",
            "labelSelector=app!=shop",
            "labelSelector=app",
            "labelSelector=!app",
            "fieldSelector=metadata.name=c",
            "fieldSelector=status.state=Queued",
            "fieldSelector=status.state!=Queued",
            "fieldSelector=spec.queueRef.name=q,status.state=Pending",
            "fieldSelector=spec.queueRef.name=none",
            "fieldSelector=status.attempts=1",
            "fieldSelector=nonsense"
        }) {
            steps.get("tasks?" + selector);
        }
        steps.get(ALL_TASKS + "?fieldSelector=metadata.namespace=" + steps.namespace());
        steps.get(ALL_TASKS + "?fieldSelector=metadata.namespace=" + steps.namespace() + ",metadata.name=a");
    }

    static void events(Steps steps) {
        Reply created = steps.post("tasks", task("{'name':'a','finalizers':['example.com/f']}"));
        Watching all = steps.watch("tasks?allowWatchBookmarks=true");
        Watching later = steps.watch("tasks?resourceVersion=" + created.version());
        Watching cluster = steps.watch(ALL_TASKS + "?resourceVersion=" + created.version());
        Watching queued = steps.watch("tasks?fieldSelector=status.state=Queued&resourceVersion=" + created.version());
        steps.acceptMetadata();
        Watching metadata = steps.watch("tasks?labelSelector=a=b&resourceVersion=" + created.version());
        steps.acceptObjects();
        steps.merge("tasks/a/status", "{'status':{'state':'Queued'}}");
        steps.merge("tasks/a/status", "{'status':{'state':'Queued'}}");
        steps.merge("tasks/a", "{'metadata':{'labels':{'a':'b'}}}");
        steps.merge("tasks/a/status", "{'status':{'state':'Dispatching'}}");
        steps.delete("tasks/a");
        steps.merge("tasks/a", "{'metadata':{'finalizers':null}}");
        steps.post("tasks", task("{'name':'b'}"));
        steps.delete("tasks/b");
        all.reads(8).readsBookmark();
        later.reads(7).close();
        cluster.reads(7).close();
        queued.reads(3).close();
        metadata.reads(4).close();
        all.close();
    }

    static void oldAndFutureWatches(Steps steps) {
        Reply created = steps.post("tasks", task("{'name':'a'}"));
        Watching future = steps.watch("tasks?allowWatchBookmarks=true&resourceVersion=9999999");
        steps.merge("tasks/a", "{'metadata':{'labels':{'a':'b'}}}");
        future.endsSilently();
        steps.watch("tasks?resourceVersion=word").close();
        Watching open =
                steps.watch("tasks?resourceVersion=" + created.version()).reads(1);
        steps.restart();
        open.reads(1).close();
        steps.watch("tasks?resourceVersion=" + created.version()).reads(2).close();
        String now = steps.post("tasks", task("{'name':'b'}")).version();
        Watching next = steps.watch("tasks?resourceVersion=" + now);
        steps.delete("tasks/b");
        next.reads(1).close();
    }

    static void compaction(Steps steps) {
        steps.post("tasks", task("{'name':'a'}"));
        Reply created = steps.post("tasks", task("{'name':'b'}"));
        steps.acceptMetadata();
        Reply first = steps.get("tasks?limit=1");
        steps.delete("tasks/b");
        steps.post("tasks", task("{'name':'c'}"));
        steps.compactAndRestart();
        steps.get("tasks?limit=1&continue=" + first.next());
        steps.get("tasks?resourceVersionMatch=Exact&resourceVersion=" + created.version());
        steps.get("tasks?resourceVersion=" + created.version());
        steps.get("tasks/a?resourceVersion=" + created.version());
        steps.watch("tasks?resourceVersion=" + created.version()).reads(1).close();
    }
}
