"""fan_out.py send NAME CUSTOMERS: one request for each customer. fan_out.py worker: the handlers."""

import http.server
import json
import os
import sys
import urllib.error
import urllib.request

API_SERVER = os.environ.get("API_SERVER") or "http://127.0.0.1:8001"
MOST_ITEMS = 1000


def send(name: str, customers: list[int]) -> None:
    for start in range(0, len(customers), MOST_ITEMS):
        part = customers[start : start + MOST_ITEMS]
        # The first part has the same name whether there are others or not, so a repeated run finds it.
        create(name if start == 0 else f"{name}-{start // MOST_ITEMS + 1}", part)


def create(name: str, customers: list[int]) -> None:
    lines = [json.dumps({"key": f"customer-{customer}", "body": {"customer": customer}}) for customer in customers]
    batch = {
        "apiVersion": "taskqueue.dev/v1beta1",
        "kind": "TaskBatch",
        "metadata": {"name": name},
        "spec": {
            "queueRef": {"name": "invoices"},
            "template": {"httpRequest": {"path": "/invoice"}},
            "lines": "\n".join(lines),
            "onFinished": {"httpRequest": {"path": "/invoices-done"}},
        },
    }
    # Without Strict the API server drops a misspelt field.
    request = urllib.request.Request(
        f"{API_SERVER}/apis/taskqueue.dev/v1beta1/namespaces/default/taskbatches?fieldValidation=Strict",
        data=json.dumps(batch).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        urllib.request.urlopen(request).close()
        print(f"Created {name} with {len(customers)} items")
    except urllib.error.HTTPError as refusal:
        if refusal.code != 409:
            raise RuntimeError(refusal.read().decode()) from refusal
        print(f"{name} is there already")


class Handlers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or "{}")
        self.send_response(self.done(body) if self.path == "/invoices-done" else self.invoice(body))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def invoice(self, body: dict) -> int:
        if body["customer"] == 13:
            return 422
        print(f"Invoice for customer {body['customer']}", flush=True)
        return 200

    def done(self, report: dict) -> int:
        print(
            f"REPORT {report['batch']}: {report['succeeded']} of {report['total']} succeeded,"
            f" failed: {report['failedIndexes'] or 'none'}",
            flush=True,
        )
        return 200

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    if sys.argv[1] == "send":
        send(sys.argv[2], list(range(1, int(sys.argv[3]) + 1)))
    else:
        address = (os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 8080))
        http.server.ThreadingHTTPServer(address, Handlers).serve_forever()
