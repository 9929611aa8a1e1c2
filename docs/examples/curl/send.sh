#!/bin/sh
# sh send.sh FROM TO: sends a mail, and prints its id and status.
set -eu
. "$(dirname "$0")/call.sh"

mail=$(jq -n --arg from "$1" --arg to "$2" \
  '{from: $from, to: [$to], subject: "Your order 1042", text: "It is on its way."}')
# By the key the same order is sent once, however often this is run.
sent=$(call POST /v1/messages -H 'content-type: application/json' -H 'idempotency-key: order-1042' \
  -d "$mail")
printf '%s' "$sent" | jq -r '"\(.id) \(.status)"'
