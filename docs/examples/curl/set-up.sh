#!/bin/sh
# sh set-up.sh DOMAIN: claims a domain, prints its records, and waits until it may send.
set -eu
. "$(dirname "$0")/call.sh"
name=$1

call POST /v1/domains -H 'content-type: application/json' -H "idempotency-key: set-up-$name" \
  -d "$(jq -n --arg name "$name" '{name: $name}')" >/dev/null

# Amazon SES gives the value of one record a few seconds later.
while :; do
  domain=$(call GET "/v1/domains/$name")
  [ "$(printf '%s' "$domain" | jq '[.records[] | select(.value == "")] | length')" = 0 ] && break
  sleep 2
done
echo 'Create these records:'
printf '%s' "$domain" | jq -r '.records[] | "\(.type) \(.name) \(.value)"'

while :; do
  call POST "/v1/domains/$name/checks" >/dev/null
  sleep 5
  domain=$(call GET "/v1/domains/$name")
  [ "$(printf '%s' "$domain" | jq -r '.status + " " + .sending')" = 'verified ready' ] && break
done
echo "$name may send"
