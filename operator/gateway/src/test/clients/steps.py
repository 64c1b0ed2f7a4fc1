"""The same steps with each transport of Google's Python client: prints what comes back, for a comparison with transcript.txt.

Usage: steps.py TRANSPORT, which is grpc, grpc_asyncio or rest. Everything else is found in the environment, as in a Pod.
"""

import asyncio
import datetime
import re
import sys

from google.api_core import exceptions
from google.cloud import tasks_v2
from google.iam.v1 import iam_policy_pb2
from google.protobuf import duration_pb2, field_mask_pb2, timestamp_pb2

TRANSPORT = sys.argv[1]
QUEUE = "python-" + TRANSPORT.replace("_", "-")
LOOP = asyncio.new_event_loop()


def done(answer):
    return LOOP.run_until_complete(answer) if asyncio.iscoroutine(answer) else answer


async def collect(pager):
    return [one async for one in pager]


def listed(pager):
    pager = done(pager)
    return LOOP.run_until_complete(collect(pager)) if TRANSPORT == "grpc_asyncio" else list(pager)


def short(name):
    return name.replace(QUEUE, "QUEUE")


def refused(what, call):
    try:
        print(what + ":", done(call()))
    except exceptions.GoogleAPICallError as refusal:
        # Over REST the sentence follows the request.
        sentence = re.sub(r"^[A-Z]+ http\S+: ", "", refusal.message)
        print(f"{what}: refused, {int(refusal.code)}, {sentence[:40].strip()}")


async def new_async_client():
    return tasks_v2.CloudTasksAsyncClient()


def new_client():
    if TRANSPORT == "grpc_asyncio":
        return LOOP.run_until_complete(new_async_client())
    return tasks_v2.CloudTasksClient(transport=TRANSPORT)


def main():
    client = new_client()
    parent = "projects/demo/locations/us-central1"
    name = client.queue_path("demo", "us-central1", QUEUE)

    new_queue = tasks_v2.Queue(
        name=name,
        rate_limits=tasks_v2.RateLimits(max_dispatches_per_second=5, max_concurrent_dispatches=2),
        retry_config=tasks_v2.RetryConfig(max_attempts=7, min_backoff=duration_pb2.Duration(seconds=2)),
    )
    queue = done(client.create_queue(parent=parent, queue=new_queue))
    rate, retry = queue.rate_limits, queue.retry_config
    print(
        f"created queue: {short(queue.name)} {queue.state.name} {rate.max_dispatches_per_second:g}"
        f" {rate.max_concurrent_dispatches} {retry.max_attempts} {retry.min_backoff.total_seconds():g}s"
    )
    refused("created queue again", lambda: client.create_queue(parent=parent, queue=new_queue))
    updated = done(
        client.update_queue(
            queue=tasks_v2.Queue(name=name, rate_limits=tasks_v2.RateLimits(max_dispatches_per_second=9)),
            update_mask=field_mask_pb2.FieldMask(paths=["rate_limits.max_dispatches_per_second"]),
        )
    ).rate_limits
    print(f"updated queue: {updated.max_dispatches_per_second:g} {updated.max_concurrent_dispatches}")
    print("paused queue:", done(client.pause_queue(name=name)).state.name)
    print("resumed queue:", done(client.resume_queue(name=name)).state.name)
    found = name in [one.name for one in listed(client.list_queues(parent=parent))]
    print("listed queue:", "true" if found else "false")
    locations = done(client.list_locations({"name": "projects/demo"})).locations
    print("location:", " ".join(location.location_id for location in locations))
    asked = iam_policy_pb2.TestIamPermissionsRequest(resource=name, permissions=["cloudtasks.tasks.create"])
    print("granted:", " ".join(done(client.test_iam_permissions(request=asked)).permissions))

    task = tasks_v2.Task(
        name=client.task_path("demo", "us-central1", QUEUE, "order_4711-invoice"),
        http_request=tasks_v2.HttpRequest(
            url="http://order-worker/tasks/invoice",
            http_method=tasks_v2.HttpMethod.PUT,
            headers={"Content-Type": "application/json"},
            body=b'{"orderId": "4711"}',
        ),
        dispatch_deadline=duration_pb2.Duration(seconds=60),
    )
    created = done(client.create_task(parent=name, task=task))
    print("created task:", short(created.name), created.http_request.url, created.http_request.http_method.name)
    refused("created task again", lambda: client.create_task(parent=name, task=task))
    read = done(client.get_task(request={"name": created.name, "response_view": tasks_v2.Task.View.FULL}))
    print(f"read task: {read.http_request.body.decode()} {read.dispatch_deadline.total_seconds():g}s {read.view.name}")

    at = timestamp_pb2.Timestamp()
    at.FromDatetime(datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1))
    at.nanos = at.nanos // 1000 * 1000
    later = {"http_request": {"url": "http://order-worker/"}, "schedule_time": at}
    scheduled = done(client.create_task(parent=name, task=later)).schedule_time.timestamp_pb()
    print("scheduled task:", "as asked" if scheduled == at else scheduled)
    token = {"service_account_email": "sa@demo.iam.gserviceaccount.com"}
    mail = {"http_request": {"url": "https://my-worker.run.app/mails", "oidc_token": token}}
    oidc = done(client.create_task(parent=name, task=mail)).http_request.oidc_token
    print("task with a token:", oidc.service_account_email, oidc.audience)
    routing = {"service": "worker", "version": "v2"}
    visit = {"app_engine_http_request": {"relative_uri": "/mails?id=7", "app_engine_routing": routing, "body": b"hello"}}
    target = done(client.create_task(parent=name, task=visit)).app_engine_http_request
    print("task for App Engine:", target.relative_uri, target.app_engine_routing.service, target.app_engine_routing.version)

    print("listed tasks:", len(listed(client.list_tasks(request={"parent": name, "page_size": 3}))))
    print("ran task:", short(done(client.run_task(name=created.name)).name))
    done(client.delete_task(name=created.name))
    print("deleted task")
    refused("read task again", lambda: client.get_task(name=created.name))
    refused("wrong url", lambda: client.create_task(parent=name, task={"http_request": {"url": "ftp://x"}}))
    refused("foreign project", lambda: client.get_queue(name="projects/other/locations/us-central1/queues/q"))
    print("purged queue:", done(client.purge_queue(name=name)).state.name)
    done(client.delete_queue(name=name))
    print("deleted queue")
    refused("read queue again", lambda: client.get_queue(name=name))


main()
