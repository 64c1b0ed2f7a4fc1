package dev.taskqueue.operator.simulation.apiserver.conformance;

import static dev.taskqueue.operator.simulation.apiserver.conformance.Steps.batch;

import dev.taskqueue.operator.simulation.apiserver.conformance.Steps.Reply;
import dev.taskqueue.operator.simulation.apiserver.conformance.Steps.Watching;

/** Scenes of the conformance script about TaskBatches: their status is written by JSON patches that test the uid and the revision. */
final class BatchScenes {
    private static final String OTHER_UID = "11111111-1111-1111-1111-111111111111";
    private static final String JSON_PATCH = "application/json-patch+json";

    private BatchScenes() {}

    static void commits(Steps steps) {
        Reply created = steps.post("taskbatches", batch("{'name':'b'}"));
        steps.post("taskbatches", batch("{'name':'b'}"));
        commit(steps, created.uid(), 1, "'state':'Running','revision':2");
        commit(steps, OTHER_UID, 0, "'state':'Running','revision':1");
        Reply first = commit(steps, created.uid(), 0, "'state':'Running','revision':1,'unknown':1");
        commit(steps, created.uid(), 0, "'state':'Running','revision':1");
        steps.get("taskbatches/b");
        steps.merge("taskbatches/b", "{'metadata':{'annotations':{'x':'y'}}}");
        commit(
                steps,
                created.uid(),
                1,
                "'state':'Running','revision':2,'succeeded':'0','retries':{'0':'1:1/1/0@1+2!500'}");
        commit(steps, created.uid(), 2, "'state':'Failed','revision':3,'succeeded':'0','failed':'1-2'");
        steps.merge("taskbatches/b", "{'spec':{'count':4}}");
        steps.delete("taskbatches/b", "{'preconditions':{'resourceVersion':'" + first.version() + "'}}");
        steps.delete("taskbatches/b", "{'preconditions':{'uid':'" + created.uid() + "'}}");
        commit(steps, created.uid(), 3, "'state':'Failed','revision':4");
        Reply again = steps.post("taskbatches", batch("{'name':'b'}"));
        commit(steps, created.uid(), 0, "'state':'Running','revision':1");
        commit(steps, again.uid(), 0, "'state':'Running','revision':1");
    }

    private static Reply commit(Steps steps, String uid, int revision, String status) {
        return steps.patch(
                "taskbatches/b/status",
                JSON_PATCH,
                "[{'op':'test','path':'/metadata/uid','value':'" + uid
                        + "'},{'op':'test','path':'/status/revision','value':" + revision
                        + "},{'op':'add','path':'/status','value':{" + status + "}}]");
    }

    static void reads(Steps steps) {
        Watching watching = steps.watch("taskbatches");
        Reply created = steps.post("taskbatches", batch("{'name':'a'}"));
        steps.post("taskbatches", batch("{'name':'b','labels':{'app':'shop'}}").replace("'name':'q'", "'name':'r'"));
        steps.patch(
                "taskbatches/a/status",
                JSON_PATCH,
                "[{'op':'test','path':'/metadata/uid','value':'" + created.uid()
                        + "'},{'op':'add','path':'/status','value':{'state':'Running','revision':1}}]");
        steps.delete("taskbatches/a");
        watching.reads(4).close();
        steps.get("taskbatches");
        steps.acceptMetadata();
        for (String selector : new String[] {
            "labelSelector=app=shop",
            "fieldSelector=status.state=Pending",
            "fieldSelector=status.state!=Pending",
            "fieldSelector=spec.queueRef.name=r",
            "fieldSelector=status.revision=0"
        }) {
            steps.get("taskbatches?" + selector);
        }
        steps.get("/apis/taskqueue.dev/v1beta1/taskbatches?labelSelector=app");
    }
}
