#!/usr/bin/env bash
# Makes the three queues by the REST calls that gcloud makes; the comments have its commands. Usage: queues.sh [URL]
# TOKEN_FILE names a file with a bearer token, as CLOUDSDK_AUTH_ACCESS_TOKEN_FILE does for gcloud.
set -euo pipefail

parent="projects/${GOOGLE_CLOUD_PROJECT:-shop-prod}/locations/europe-west1"
queues="${1:-https://cloudtasks.googleapis.com}/v2/$parent/queues"

call() { # call METHOD URL JSON
  curl --silent --show-error --fail-with-body --request "$1" "$2" --header 'Content-Type: application/json' --data "$3" \
    ${TOKEN_FILE:+--header "Authorization: Bearer $(cat "$TOKEN_FILE")"}
}

# gcloud tasks queues create cart-reminders --max-dispatches-per-second=25 --max-concurrent-dispatches=10
call POST "$queues?alt=json" '{"name": "'"$parent"'/queues/cart-reminders",
  "rateLimits": {"maxDispatchesPerSecond": 25, "maxConcurrentDispatches": 10}}'
# gcloud tasks queues create welcome-mails --max-attempts=5 --min-backoff=1s --max-backoff=300s
call POST "$queues?alt=json" '{"name": "'"$parent"'/queues/welcome-mails",
  "retryConfig": {"maxAttempts": 5, "minBackoff": "1s", "maxBackoff": "300s"}}'
# gcloud tasks queues create invoices
call POST "$queues?alt=json" '{"name": "'"$parent"'/queues/invoices"}'
# gcloud tasks queues update invoices --max-dispatches-per-second=5 --max-attempts=10
call PATCH "$queues/invoices?alt=json&updateMask=rateLimits.maxDispatchesPerSecond,retryConfig.maxAttempts" '{
  "name": "'"$parent"'/queues/invoices", "rateLimits": {"maxDispatchesPerSecond": 5}, "retryConfig": {"maxAttempts": 10}}'
