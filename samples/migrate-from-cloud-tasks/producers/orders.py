"""Has the invoice of an order written, by a service that wants to know who calls. Usage: orders.py ORDER"""

import datetime
import json
import os
import sys

from google.api_core.exceptions import GoogleAPICallError
from google.cloud import tasks_v2
from google.protobuf import duration_pb2, timestamp_pb2

PROJECT = os.environ.get("GOOGLE_CLOUD_PROJECT", "shop-prod")
LOCATION = os.environ.get("TASKS_LOCATION", "europe-west1")
QUEUE = os.environ.get("INVOICE_QUEUE", "invoices")
BILLING_URL = os.environ.get("BILLING_URL", "https://billing.shop.example")
ACCOUNT = os.environ.get("TASKS_ACCOUNT", f"task-dispatcher@{PROJECT}.iam.gserviceaccount.com")


class InvoiceTasks:
    def __init__(self):
        self.client = tasks_v2.CloudTasksClient()
        self.parent = self.client.queue_path(PROJECT, LOCATION, QUEUE)

    def create(self, order_id: str, delay_seconds: int = 0) -> bool:
        """Whether the task is new."""
        task = tasks_v2.Task(
            name=f"{self.parent}/tasks/order_{order_id}-invoice",
            http_request=tasks_v2.HttpRequest(
                http_method=tasks_v2.HttpMethod.POST,
                url=f"{BILLING_URL}/invoices?order={order_id}",
                headers={"Content-Type": "application/json"},
                body=json.dumps({"orderId": order_id}).encode(),
                oidc_token=tasks_v2.OidcToken(service_account_email=ACCOUNT, audience=BILLING_URL),
            ),
            dispatch_deadline=duration_pb2.Duration(seconds=120),
        )
        if delay_seconds:
            at = timestamp_pb2.Timestamp()
            at.FromDatetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=delay_seconds))
            task.schedule_time = at
        try:
            self.client.create_task(tasks_v2.CreateTaskRequest(parent=self.parent, task=task))
        except GoogleAPICallError as error:
            if "ALREADY_EXISTS" in str(error) or error.code == 409:
                return False
            raise
        return True


if __name__ == "__main__":
    order = sys.argv[1]
    new = InvoiceTasks().create(order)
    print(f"Order {order}: " + ("invoice requested" if new else "invoice was requested before"))
