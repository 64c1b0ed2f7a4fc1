"""POST /orders: takes an order and leaves all that follows from it to Tasks."""

import json
import re

from flask import Flask, request
from kubernetes.client import ApiException

from settings import NAMESPACE, load_credentials, serve
from tasks import Tasks

FOLLOW_UPS = {"invoice": "0s", "stock": "5s", "mail": "30s", "warehouse": "60s", "reminder": "24h", "review": "168h"}

load_credentials()
tasks = Tasks(NAMESPACE)
app = Flask(__name__)


@app.post("/orders")
def take():
    order = request.get_json(silent=True)
    id = order.get("orderId") if isinstance(order, dict) else None
    if not isinstance(id, str) or not re.fullmatch(r"[A-Za-z0-9-]{1,64}", id):
        return {"problem": 'an order has an orderId of 1 to 64 letters, digits and "-"'}, 400
    try:
        return {"orderId": id, "tasks": [follow(order, type, delay) for type, delay in FOLLOW_UPS.items()]}, 202
    except (ApiException, RuntimeError) as failure:
        # The same order may be sent again: what is there already is not created twice.
        app.logger.error("Order %s could not be taken: %s", id, failure)
        return {"problem": "not taken, or in part: send the same order again"}, 503


def follow(order: dict, type: str, delay: str) -> dict:
    request = {
        "path": f"/tasks/{type}",
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(order),
    }
    key = f"order_{order['orderId']}-{type}"
    return tasks.create("order-tasks", key, {"delay": delay, "httpRequest": request}, {"order": order["orderId"]})


@app.get("/healthz")
def healthz():
    return "", 204


if __name__ == "__main__":
    serve(app, 8090)
