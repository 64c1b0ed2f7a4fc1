"""Welcomes a new user: the mailer is a service of App Engine. Usage: signup.py USER"""

import json
import logging
import os
import sys

from google.api_core.exceptions import AlreadyExists
from google.cloud import tasks_v2

PROJECT = os.environ.get("GOOGLE_CLOUD_PROJECT", "shop-prod")
LOCATION = "europe-west1"
QUEUE = "welcome-mails"

client = tasks_v2.CloudTasksClient()


def send_welcome_mail(user_id: str) -> None:
    task = {
        "name": client.task_path(PROJECT, LOCATION, QUEUE, f"welcome-{user_id}"),
        "app_engine_http_request": {
            "http_method": tasks_v2.HttpMethod.POST,
            "relative_uri": "/tasks/welcome",
            "app_engine_routing": {"service": "mailer"},
            "headers": {"Content-Type": "application/json"},
            "body": json.dumps({"user": user_id}).encode(),
        },
    }
    try:
        created = client.create_task(parent=client.queue_path(PROJECT, LOCATION, QUEUE), task=task)
        logging.info("Welcome mail of %s: %s", user_id, created.name)
    except AlreadyExists:
        logging.info("The welcome mail of %s is on its way already", user_id)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    send_welcome_mail(sys.argv[1])
