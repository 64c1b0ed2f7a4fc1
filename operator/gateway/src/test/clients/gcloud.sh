#!/usr/bin/env bash
# A day with gcloud: prints what comes back, for a comparison with gcloud.txt. Everything else is found in the environment, as in a Pod.
set -uo pipefail
tasks() { gcloud tasks "$@" --location=us-central1 2>&1; }

tasks queues create gcloud-tasks --max-dispatches-per-second=25 --max-concurrent-dispatches=10 --max-attempts=5 --min-backoff=10s
tasks queues update gcloud-tasks --max-dispatches-per-second=30 --format='value(rateLimits.maxDispatchesPerSecond,rateLimits.maxConcurrentDispatches)'
tasks queues pause gcloud-tasks
tasks queues describe gcloud-tasks --format='value(name,state)'
tasks queues resume gcloud-tasks
tasks queues list --filter='name:gcloud-tasks' --format='value(name,state)'
tasks create-http-task order_4711-invoice --queue=gcloud-tasks --url=http://order-worker/tasks/invoice --method=PUT \
  --header=Content-Type:application/json --body-content='{"orderId":"4711"}' --format='value(name,httpRequest.httpMethod)'
tasks create-http-task order_4711-invoice --queue=gcloud-tasks --url=http://order-worker/tasks/invoice
tasks create-app-engine-task mail --queue=gcloud-tasks --relative-uri=/mails --routing=service:worker,version:v2 \
  --format='value(name,appEngineHttpRequest.relativeUri)'
tasks list --queue=gcloud-tasks --format='value(name)'
tasks describe order_4711-invoice --queue=gcloud-tasks --response-view=full --format='value(httpRequest.url,httpRequest.body)'
tasks run order_4711-invoice --queue=gcloud-tasks --format='value(name)'
tasks delete order_4711-invoice --queue=gcloud-tasks
tasks queues purge gcloud-tasks
tasks queues delete gcloud-tasks
gcloud tasks locations list --format='value(locationId)' 2>&1
