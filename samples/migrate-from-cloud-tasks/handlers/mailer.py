"""The service mailer, as it ran on App Engine: its task handlers listen to the task queue only."""

import os

from flask import Flask, request

app = Flask(__name__)


@app.post("/tasks/welcome")
def welcome():
    # App Engine takes this header out of all requests from outside.
    task = request.headers.get("X-AppEngine-TaskName")
    if task is None:
        return "only for the task queue", 403
    attempt = int(request.headers.get("X-AppEngine-TaskExecutionCount", 0))
    user = request.get_json()["user"]
    if user == "busy" and attempt == 0:
        return "come again", 503
    queue = request.headers["X-AppEngine-QueueName"]
    print(f"Welcome mail to {user}, task {task} of {queue}, executed before: {attempt}", flush=True)
    return "", 200


if __name__ == "__main__":
    app.run(host=os.environ.get("HOST", "127.0.0.1"), port=int(os.environ.get("PORT", "8080")))
