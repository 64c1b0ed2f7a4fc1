"""The same steps with each transport of Google's Python client: prints what comes back, for a comparison with transcript.txt.

Usage: steps.py TRANSPORT HOST:PORT TOKEN, where TRANSPORT is grpc or rest.
"""

import re
import sys

import google.auth.credentials
import grpc
from google.api_core import exceptions
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport
from google.protobuf import duration_pb2, field_mask_pb2


class Token(google.auth.credentials.Credentials):
    """A bearer token that never needs a refresh."""

    def __init__(self, token):
        super().__init__()
        self.token = token

    def refresh(self, request):
        pass


class Metadata(grpc.UnaryUnaryClientInterceptor):
    """Sends the token in plaintext, which grpc refuses to do with credentials."""

    def __init__(self, token):
        self.token = token

    def intercept_unary_unary(self, continuation, details, request):
        metadata = list(details.metadata or []) + [("authorization", "Bearer " + self.token)]
        return continuation(details._replace(metadata=metadata), request)


def client_of(transport, address, token):
    if transport == "grpc":
        channel = grpc.intercept_channel(grpc.insecure_channel(address), Metadata(token))
        return tasks_v2.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=channel))
    return tasks_v2.CloudTasksClient(
        credentials=Token(token),
        transport="rest",
        client_options={"api_endpoint": "http://" + address},
    )


def attempt(what, call):
    try:
        print(what + ":", call())
    except exceptions.GoogleAPICallError as refused:
        # Python makes the same class of ALREADY_EXISTS and of ABORTED over REST, so the sentence counts.
        # Over REST the sentence follows the request.
        print(what + ": refused,", re.sub(r"^[A-Z]+ http\S+: ", "", refused.message)[:40].strip())


def main():
    transport, address, token = sys.argv[1:]
    client = client_of(transport, address, token)
    parent = client.common_location_path("demo", "us-central1")
    name = client.queue_path("demo", "us-central1", "python-" + transport)
    short = lambda text: text.replace("python-" + transport, "QUEUE")

    queue = client.create_queue(
        parent=parent,
        queue=tasks_v2.Queue(
            name=name,
            rate_limits=tasks_v2.RateLimits(max_dispatches_per_second=5, max_concurrent_dispatches=2),
            retry_config=tasks_v2.RetryConfig(max_attempts=7, min_backoff=duration_pb2.Duration(seconds=2)),
        ),
    )
    print("created queue:", short(queue.name), queue.state.name, queue.rate_limits.max_dispatches_per_second)
    updated = client.update_queue(
        queue=tasks_v2.Queue(name=name, rate_limits=tasks_v2.RateLimits(max_dispatches_per_second=9)),
        update_mask=field_mask_pb2.FieldMask(paths=["rate_limits.max_dispatches_per_second"]),
    )
    print("updated queue:", updated.rate_limits.max_dispatches_per_second, updated.rate_limits.max_concurrent_dispatches)
    print("paused queue:", client.pause_queue(name=name).state.name)
    print("resumed queue:", client.resume_queue(name=name).state.name)
    print("listed queue:", name in [one.name for one in client.list_queues(parent=parent)])

    task = tasks_v2.Task(
        name=client.task_path("demo", "us-central1", "python-" + transport, "order_4711-invoice"),
        http_request=tasks_v2.HttpRequest(
            url="http://order-worker/tasks/invoice",
            http_method=tasks_v2.HttpMethod.PUT,
            headers={"Content-Type": "application/json"},
            body=b'{"orderId": "4711"}',
        ),
        dispatch_deadline=duration_pb2.Duration(seconds=60),
    )
    created = client.create_task(parent=name, task=task)
    print("created task:", short(created.name), created.http_request.url, created.http_request.http_method.name)
    attempt("created it again", lambda: client.create_task(parent=name, task=task))
    read = client.get_task(request={"name": created.name, "response_view": tasks_v2.Task.View.FULL})
    print("read task:", read.http_request.body, read.dispatch_deadline.total_seconds(), read.view.name)
    for _ in range(3):
        client.create_task(parent=name, task={"http_request": {"url": "http://order-worker/"}})
    print("listed tasks:", len(list(client.list_tasks(request={"parent": name, "page_size": 2}))))
    print("ran task:", short(client.run_task(name=created.name).name))
    print("deleted task:", client.delete_task(name=created.name))
    attempt("read it again", lambda: client.get_task(name=created.name))
    attempt("wrong url", lambda: client.create_task(parent=name, task={"http_request": {"url": "ftp://x"}}))
    attempt("foreign project", lambda: client.get_queue(name="projects/other/locations/us-central1/queues/q"))
    print("purged queue:", client.purge_queue(name=name).state.name)
    print("deleted queue:", client.delete_queue(name=name))
    attempt("read queue again", lambda: client.get_queue(name=name))


main()
