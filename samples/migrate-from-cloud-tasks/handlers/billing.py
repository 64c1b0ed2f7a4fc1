"""Writes invoices, for the task queue alone: it checks the token of each request."""

import os

from flask import Flask, abort, request
from google.auth import exceptions
from google.auth.transport import requests
from google.oauth2 import id_token

AUDIENCE = os.environ.get("AUDIENCE", "https://billing.shop.example")
CALLER = os.environ.get("CALLER", "task-dispatcher@shop-prod.iam.gserviceaccount.com")
ISSUER = os.environ.get("ISSUER", "https://accounts.google.com")
CERTS_URL = os.environ.get("CERTS_URL", "https://www.googleapis.com/oauth2/v3/certs")

app = Flask(__name__)


def check_caller():
    authorization = request.headers.get("Authorization", "")
    if not authorization.startswith("Bearer "):
        abort(401)
    try:
        claims = id_token.verify_token(
            authorization.removeprefix("Bearer "), requests.Request(), audience=AUDIENCE, certs_url=CERTS_URL
        )
    except (ValueError, exceptions.GoogleAuthError) as bad:
        app.logger.warning("Refused: %s", bad)
        abort(401)
    # Google names the caller by its email, a cluster by its subject.
    if claims["iss"] != ISSUER or CALLER != claims.get("email", claims["sub"]):
        app.logger.warning("Refused: %s of %s", claims["sub"], claims["iss"])
        abort(403)


@app.post("/invoices")
def invoices():
    check_caller()
    order = request.get_json()["orderId"]
    print(f"Invoice of order {order}, task {request.headers['X-CloudTasks-TaskName']}", flush=True)
    return "", 204


if __name__ == "__main__":
    app.run(host=os.environ.get("HOST", "127.0.0.1"), port=int(os.environ.get("PORT", "8080")))
