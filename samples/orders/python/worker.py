"""Does what the Tasks say: each request is one attempt of one of them."""

import json
import os
import re

from flask import Flask, request

from settings import NAMESPACE, load_credentials, serve
from token_check import Refused, TokenCheck

ALERT_AFTER = 3

# By type, what is done; in a real shop each of these calls a system of its own.
DEEDS = {
    "invoice": "Invoice written",
    "stock": "Stock reserved",
    "mail": "Confirmation mailed",
    "warehouse": "Warehouse told",
    "reminder": "Payment reminder mailed",
    "review": "Review asked for",
}

# In a real shop: a unique column, written in one transaction with the deed.
done = set()

load_credentials()
tokens = TokenCheck(
    os.environ.get("AUDIENCE") or f"http://order-worker.{NAMESPACE}.svc",
    f"system:serviceaccount:{NAMESPACE}:task-dispatcher",
)
app = Flask(__name__)


@app.before_request
def verify():
    """First of all: the other headers are worth something from the operator only."""
    if request.path == "/healthz":
        return None
    try:
        tokens.check(request.headers.get("Authorization", ""))
        return None
    except Refused as refused:
        say(f"REFUSED: {refused}")
        return "", 401
    except Exception as failure:
        say(f"NO KEYS: {failure}")
        return "", 503


@app.post("/tasks/<type>")
def attempt(type: str):
    task = request.headers.get("X-CloudTasks-TaskName")
    deed = DEEDS.get(type)
    order = order_id(request.get_data())
    if not deed or not order:
        say(f"POISON: {task} {'holds no order with a price' if deed else 'is of no known type'}")
        return poison()
    failures = request.headers.get("X-CloudTasks-TaskRetryCount", 0, type=int)
    if failures >= ALERT_AFTER:
        say(f"ALERT: {task} has failed {failures} times")
    # The type that is not available at the moment, to see retries.
    if type == os.environ.get("FAIL"):
        return "", 503
    key = request.headers.get("Idempotency-Key")
    if key not in done:
        say(f"{deed} for order {order}")
    done.add(key)
    return "", 204


@app.post("/dead-letters")
def bury():
    task = request.headers.get("X-CloudTasks-TaskName")
    queue = request.headers.get("TaskQueue-DeadLetter-Queue")
    say(f"DEAD LETTER: {task} of {queue}: {request.headers.get('TaskQueue-DeadLetter-Reason')}")
    return "", 204


@app.errorhandler(404)
def unknown(_):
    return poison()


@app.get("/healthz")
def healthz():
    return "", 204


def poison():
    """The Task fails for good, whatever attempts it has left."""
    return "", 422, {"TaskQueue-No-Retry": "true"}


def order_id(body: bytes) -> str:
    """Empty where it is no order that can be worked on."""
    try:
        order = json.loads(body)
        return order["orderId"] if re.fullmatch(r"[0-9]{1,9}([.][0-9]{2})?", order["amount"]) else ""
    except (ValueError, KeyError, TypeError):
        return ""


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    serve(app, 8080)
