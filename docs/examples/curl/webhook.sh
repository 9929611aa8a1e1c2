#!/bin/sh
# sh webhook.sh URL: has events sent to an endpoint, and prints its id and its secret.
set -eu
. "$(dirname "$0")/call.sh"

made=$(call POST /v1/webhooks -H 'content-type: application/json' -H "idempotency-key: webhook-$1" \
  -d "$(jq -n --arg url "$1" '{url: $url, events: ["domain.verified", "message.bounced"]}')")
printf '%s' "$made" | jq -r '"\(.id) \(.secret)"'
