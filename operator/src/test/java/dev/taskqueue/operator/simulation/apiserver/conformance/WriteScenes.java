package dev.taskqueue.operator.simulation.apiserver.conformance;

import static dev.taskqueue.operator.simulation.apiserver.conformance.Steps.queue;
import static dev.taskqueue.operator.simulation.apiserver.conformance.Steps.task;

import dev.taskqueue.operator.simulation.apiserver.conformance.Steps.Reply;

/** Scenes of the conformance script about writes. */
final class WriteScenes {
    private static final String OTHER_UID = "11111111-1111-1111-1111-111111111111";
    private static final String JSON_PATCH = "application/json-patch+json";

    private WriteScenes() {}

    static void creation(Steps steps) {
        steps.post("tasks", task("{'name':'t','labels':{'a':'b'},'uid':'mine','generation':7}"));
        steps.post("tasks", task("{'name':'t'}"));
        Reply generated = steps.post("tasks?dryRun=All", task("{'generateName':'job-'}"));
        String name = generated.body().path("metadata").path("name").asText();
        steps.note("a generated name", name.matches("job-[a-z0-9]{5}"));
        steps.get("tasks/" + name);
        steps.post("tasks", task("{'name':'old','resourceVersion':'5'}"));
        steps.post("tasks", task("{}"));
        steps.post("tasks", task("{'name':'Not_A_Name'}"));
        steps.post("tasks", task("{'name':'t2','namespace':'elsewhere'}"));
        steps.post("tasks", task("{'name':'t2'}").replace("'Task'", "'Tusk'"));
        steps.post("tasks", "{'metadata':{'name':'t2'}}");
        steps.post("tasks", "no json");
        steps.post("tasks", "[1]");
        steps.post("/apis/taskqueue.dev/v1beta1/namespaces/nowhere/tasks", task("{'name':'t2'}"));
        steps.post("tasks?dryRun=Some", task("{'name':'t2'}"));
        steps.step("POST", "tasks", "text/plain", task("{'name':'t2'}"));
        steps.acceptMetadata();
        steps.post("tasks", task("{'name':'t3','annotations':{'x':'y'}}"));
    }

    static void defaultsAndUnknownFields(Steps steps) {
        steps.post("taskqueues", queue("{'name':'empty'}", "null"));
        steps.post(
                "taskqueues",
                queue(
                                "{'name':'some'}",
                                "{'unknown':1,'retry':{'maxAttempts':3,'typo':true},'headerFamilies':['AppEngine']}")
                        .replace("'spec'", "'more':{},'status':{'state':'Running'},'spec'"));
        steps.merge("taskqueues/some", "{'spec':{'retry':{'maxAttempts':null}}}");
        steps.merge("taskqueues/some", "{'spec':null}");
        steps.merge("taskqueues/some/status", "{'status':null}");
    }

    static void optimisticLocking(Steps steps) {
        Reply created = steps.post("taskqueues", queue("{'name':'q'}", "{}"));
        steps.put("taskqueues/q", queue("{'name':'q'}", "{'state':'Paused'}"));
        Reply paused = steps.put(
                "taskqueues/q",
                queue("{'name':'q','resourceVersion':'" + created.version() + "'}", "{'state':'Paused'}"));
        steps.put("taskqueues/q", queue("{'name':'q','resourceVersion':'" + created.version() + "'}", "{}"));
        steps.put(
                "taskqueues/q",
                queue("{'name':'q','uid':'" + OTHER_UID + "','resourceVersion':'" + paused.version() + "'}", "{}"));
        steps.put("taskqueues/q", queue("{'name':'other','resourceVersion':'" + paused.version() + "'}", "{}"));
        steps.put("taskqueues/none", queue("{'name':'none','resourceVersion':'" + paused.version() + "'}", "{}"));
        steps.merge("taskqueues/q", "{'metadata':{'resourceVersion':'" + created.version() + "'}}");
        steps.merge("taskqueues/q/status", "{'metadata':{'resourceVersion':'" + created.version() + "'},'status':{}}");
        steps.merge(
                "taskqueues/q",
                "{'metadata':{'resourceVersion':'" + paused.version() + "'},'spec':{'state':'Running'}}");
        steps.merge("taskqueues/q", "{'metadata':{'resourceVersion':'word'}}");
        steps.patch(
                "taskqueues/q/status",
                JSON_PATCH,
                "[{'op':'replace','path':'/metadata/resourceVersion','value':'" + created.version()
                        + "'},{'op':'add','path':'/status','value':{'state':'Running'}}]");
        String now = steps.get("taskqueues/q").version();
        steps.patch(
                "taskqueues/q/status",
                JSON_PATCH,
                "[{'op':'replace','path':'/metadata/resourceVersion','value':'" + now
                        + "'},{'op':'add','path':'/status','value':{'state':'Running'}}]");
        steps.patch("taskqueues/q", JSON_PATCH, "[{'op':'test','path':'/spec/state','value':'Other'}]");
        steps.patch("taskqueues/q", JSON_PATCH, "[{'op':'remove','path':'/spec/none/none'}]");
    }

    static void metadataThatCannotChange(Steps steps) {
        Reply created = steps.post("tasks", task("{'name':'t'}"));
        steps.merge("tasks/t", "{'metadata':{'uid':'" + OTHER_UID + "'}}");
        steps.merge("tasks/t/status", "{'metadata':{'uid':'" + OTHER_UID + "'},'status':{'state':'Queued'}}");
        steps.merge("tasks/t", "{'metadata':{'uid':'" + created.uid() + "','annotations':{'a':'b'}}}");
        steps.merge("tasks/t", "{'metadata':{'creationTimestamp':'2020-01-01T00:00:00Z','generation':77}}");
        steps.merge("tasks/t", "{'metadata':{'deletionTimestamp':'2020-01-01T00:00:00Z'}}");
        steps.merge("tasks/t", "{'metadata':{'name':'other'}}");
        steps.merge("tasks/t", "{'metadata':{'namespace':'other'}}");
        steps.merge("tasks/t", "{'spec':{'queueRef':{'name':'other'}}}");
        steps.merge("tasks/none", "{}");
        steps.merge("tasks/none/status", "{}");
        steps.merge("tasks/t", "no json");
        steps.merge("tasks/t", "[1]");
        steps.patch("tasks/t", "text/plain", "{}");
        steps.patch("tasks/t", "application/strategic-merge-patch+json", "{}");
        steps.get("tasks/t");
    }

    static void statusAndGeneration(Steps steps) {
        steps.as("people");
        steps.post("taskqueues", queue("{'name':'q'}", "{}"));
        steps.as("op-1");
        steps.merge("taskqueues/q/status", "{'status':{'state':'Running'},'spec':{'state':'Paused'}}");
        steps.merge("taskqueues/q/status", "{'metadata':{'labels':{'a':'b'}},'status':{'state':'Paused'}}");
        steps.merge("taskqueues/q/status", "{'status':{'state':'Paused'}}");
        steps.as("people");
        steps.merge("taskqueues/q", "{'status':{'state':'Running'},'metadata':{'labels':{'a':'b'}}}");
        steps.merge("taskqueues/q", "{'spec':{'state':'Paused'}}");
        steps.merge("taskqueues/q", "{'spec':{'state':'Paused'}}");
        steps.merge("taskqueues/q", "{}");
        steps.merge("taskqueues/q?dryRun=All", "{'spec':{'state':'Running'}}");
        steps.merge("taskqueues/q", "{'metadata':{'annotations':{'x':'1','y':'2'}}}");
        steps.as("gardener");
        steps.merge("taskqueues/q", "{'metadata':{'annotations':{'x':null}}}");
        steps.acceptMetadata();
        steps.merge("taskqueues/q/status", "{'status':{'observedGeneration':2}}");
        steps.get("taskqueues/q");
        steps.get("taskqueues/q/status");
        steps.get("taskqueues/q/scale");
    }

    static void deletion(Steps steps) {
        Reply created = steps.post("tasks", task("{'name':'t'}"));
        String changed =
                steps.merge("tasks/t", "{'metadata':{'labels':{'a':'b'}}}").version();
        steps.delete("tasks/t", "{'preconditions':{'uid':'" + OTHER_UID + "'}}");
        steps.delete("tasks/t", "{'preconditions':{'resourceVersion':'" + created.version() + "'}}");
        steps.delete(
                "tasks/t",
                "{'preconditions':{'uid':'" + OTHER_UID + "','resourceVersion':'" + created.version() + "'}}");
        steps.delete("tasks/t", "{'dryRun':['All']}");
        steps.delete(
                "tasks/t",
                "{'apiVersion':'v1','kind':'DeleteOptions','propagationPolicy':'Background','preconditions':{'uid':'"
                        + created.uid() + "','resourceVersion':'" + changed + "'}}");
        steps.delete("tasks/t", "{'preconditions':{'uid':'" + created.uid() + "'}}");
        steps.get("tasks/t");
        steps.merge("tasks/t/status", "{'status':{'state':'Queued'}}");
        Reply again = steps.post("tasks", task("{'name':'t'}"));
        steps.note("another uid", !again.uid().equals(created.uid()));
        steps.delete("tasks/t", "{'preconditions':{'uid':'" + created.uid() + "'}}");
        steps.delete("tasks/t");
    }

    static void finalizers(Steps steps) {
        steps.post("tasks", task("{'name':'t','finalizers':['example.com/a']}"));
        steps.delete("tasks/t");
        steps.delete("tasks/t");
        steps.post("tasks", task("{'name':'t'}"));
        steps.merge("tasks/t/status", "{'status':{'state':'Queued'}}");
        steps.merge("tasks/t", "{'metadata':{'finalizers':['example.com/a','example.com/b']}}");
        steps.merge("tasks/t", "{'metadata':{'deletionTimestamp':null,'deletionGracePeriodSeconds':null}}");
        steps.merge("tasks/t", "{'metadata':{'finalizers':null}}");
        steps.get("tasks/t");
    }

    static void managers(Steps steps) {
        steps.as("git");
        steps.apply("tasks/t", task("{'name':'t'}"));
        steps.as("op-1");
        steps.merge("tasks/t/status", "{'status':{'state':'Queued'}}");
        steps.as("op-2");
        steps.merge("tasks/t/status", "{'status':{'lastHandledRunNow':'1'}}");
        steps.merge("tasks/t", "{'metadata':{'annotations':{'x':'1'}}}");
        steps.as("git");
        steps.apply("tasks/t", task("{'name':'t'}"));
        steps.apply("tasks/t", task("{'name':'t','labels':{'app':'shop'}}"));
        steps.as("");
        steps.apply("tasks/t", task("{'name':'t'}"));
    }
}
