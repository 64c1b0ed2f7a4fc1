"""node.py SERVER TOKEN JOURNAL: what nodes and kube-proxy do in a cluster, as far as a proof needs it.

Deployments count as rolled out, PodDisruptionBudgets allow a disruption, and whatever is sent to the ClusterIP of a Service is answered here (its range lies in 127.0.0.0/8) and
noted in JOURNAL, a line of JSON each. The last part of the path says how: "invalid" 422 until there is a file JOURNAL.mended, "slow" 200
after SLOW seconds, else 200.
"""

import http.server
import json
import os
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request

SERVER, TOKEN, JOURNAL = sys.argv[1:]
SLOW = 8
OPENER = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=ssl._create_unverified_context())
)
LOCK = threading.Lock()


def api(method, path, body=None, kind="application/json"):
    request = urllib.request.Request(SERVER + path, method=method, data=body and json.dumps(body).encode())
    request.add_header("Authorization", "Bearer " + TOKEN)
    request.add_header("Content-Type", kind)
    with OPENER.open(request, timeout=20) as answer:
        return json.load(answer)


class Worker(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with LOCK, open(JOURNAL, "a", encoding="utf-8") as journal:
            journal.write(json.dumps({"task": self.headers.get("X-CloudTasks-TaskName"), "path": self.path, "time": time.time()}) + "\n")
        last = self.path.rsplit("/", 1)[-1]
        if last == "slow":
            time.sleep(SLOW)
        self.send_response(422 if last == "invalid" and not os.path.exists(JOURNAL + ".mended") else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def roll_out(deployment):
    wanted, metadata = deployment["spec"]["replicas"], deployment["metadata"]
    status = {"observedGeneration": metadata["generation"], "replicas": wanted, "updatedReplicas": wanted}
    status |= {"readyReplicas": wanted, "availableReplicas": wanted}
    if status.items() <= deployment.get("status", {}).items():
        return
    status["conditions"] = [
        {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "message": "a stand-in"},
        {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "message": "a stand-in"},
    ]
    path = "/apis/apps/v1/namespaces/%s/deployments/%s/status" % (metadata["namespace"], metadata["name"])
    api("PATCH", path, {"status": status}, "application/merge-patch+json")


def allow_disruption(budget):
    status = {"observedGeneration": budget["metadata"]["generation"], "currentHealthy": 2, "desiredHealthy": 1, "disruptionsAllowed": 1, "expectedPods": 2}
    if status.items() <= budget.get("status", {}).items():
        return
    status["conditions"] = [
        {"type": "DisruptionAllowed", "status": "True", "reason": "SufficientPods", "message": "a stand-in", "lastTransitionTime": "2026-11-21T09:00:00Z"}
    ]
    path = "/apis/policy/v1/namespaces/%s/poddisruptionbudgets/%s/status" % (budget["metadata"]["namespace"], budget["metadata"]["name"])
    api("PATCH", path, {"status": status}, "application/merge-patch+json")


def serve(service, served):
    metadata, spec = service["metadata"], service["spec"]
    if "selector" not in spec or metadata["uid"] in served:
        return
    for port in spec["ports"]:
        listener = http.server.ThreadingHTTPServer((spec["clusterIP"], port["port"]), Worker)
        threading.Thread(target=listener.serve_forever, daemon=True).start()
    path = "/apis/discovery.k8s.io/v1/namespaces/%s/endpointslices" % metadata["namespace"]
    slice_ = {
        "metadata": {
            "name": metadata["name"] + "-" + metadata["uid"][:8],
            "labels": {"kubernetes.io/service-name": metadata["name"]},
            "ownerReferences": [{"apiVersion": "v1", "kind": "Service", "name": metadata["name"], "uid": metadata["uid"]}],
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["192.0.2.7"], "conditions": {"ready": True}}],
        "ports": [{"name": port.get("name", ""), "port": port["port"]} for port in spec["ports"]],
    }
    api("POST", path, slice_)
    served.add(metadata["uid"])


def main():
    served = set()
    while True:
        try:
            for deployment in api("GET", "/apis/apps/v1/deployments")["items"]:
                roll_out(deployment)
            for budget in api("GET", "/apis/policy/v1/poddisruptionbudgets")["items"]:
                allow_disruption(budget)
            for service in api("GET", "/api/v1/services")["items"]:
                serve(service, served)
        except (urllib.error.URLError, OSError) as again:
            print(again, file=sys.stderr, flush=True)
        time.sleep(0.2)


main()
