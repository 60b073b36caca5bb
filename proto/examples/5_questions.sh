#!/bin/bash
# Who changed what, when, and what was it before; why is it so; what was used.
# Goes on with what 4_pools_and_keys.sh has made.
set -euo pipefail
SERVER=${LMP_SERVER:-localhost:50051}

# The florist's history, newest first.
grpcurl -plaintext -d '{"parent": "customers/florist", "order_by": "event_time desc", "page_size": 20}' \
  "$SERVER" lmp.v1.LicensingService/ListEvents |
  jq -r '.events[] | "\(.event_time) \(.actor) \(.change.event_kind) \(.change.resource)"'

# The history of one resource: a suite's, which has changed its components.
EVENT=$(grpcurl -plaintext -d '{"parent": "products/office-suite"}' "$SERVER" lmp.v1.LicensingService/ListEvents |
  jq -r '.events[-1].name')

# One event, with each field before and after.
grpcurl -plaintext -d '{"name": "'"$EVENT"'"}' "$SERVER" lmp.v1.LicensingService/GetEvent

# Why has this license these units, dates and this state?
LICENSE=$(grpcurl -plaintext -d '{"parent": "customers/florist", "filter": "product = products/drive-guard"}' \
  "$SERVER" lmp.v1.LicensingService/ListLicenses | jq -r '.licenses[0].name')
grpcurl -plaintext -d '{"name": "'"$LICENSE"'"}' "$SERVER" lmp.v1.LicensingService/ExplainLicense |
  jq -r '.explanations[] | "\(.field) = \(.value): \(.rule)"'

# How was it when it was made? read_time goes back to any instant.
MADE=$(grpcurl -plaintext -d '{"name": "'"$LICENSE"'"}' "$SERVER" lmp.v1.LicensingService/GetLicense |
  jq -r .create_time)
grpcurl -plaintext -d '{"name": "'"$LICENSE"'", "read_time": "'"$MADE"'"}' \
  "$SERVER" lmp.v1.LicensingService/GetLicense | jq -e '.units == 25'

# Which running licenses have more than 20 units, the last to end first? Of each, only what the mask names.
grpcurl -plaintext -d '{
  "parent": "customers/-", "filter": "state = ACTIVE AND units > 20", "order_by": "expiration_date desc",
  "read_mask": {"paths": ["name", "units", "expiration_date"]}
}' "$SERVER" lmp.v1.LicensingService/ListLicenses

# Who was given a plan this year? Filters (proto/filters.md) look into nested messages, too.
grpcurl -plaintext -d '{
  "parent": "customers/florist",
  "filter": "change.event_kind = SERVICE_PLAN_ASSIGNED AND event_time >= '"$(date -u +%Y)"'-01-01"
}' "$SERVER" lmp.v1.LicensingService/ListEvents | jq -r '.events[].change.resource'

# Who changed what since yesterday, of all customers? In the order of the history, the newest first.
grpcurl -plaintext -d '{
  "parent": "-", "order_by": "event_time desc", "start_time": "'"$(date -u -d yesterday +%Y-%m-%dT00:00:00Z)"'"
}' "$SERVER" lmp.v1.LicensingService/ListEvents |
  jq -r '.events[] | "\(.actor) \(.change.event_kind) \(.change.resource)"'

# Where does the history end? Whoever keeps this finds out if anything before it is rewritten.
grpcurl -plaintext -d '{}' "$SERVER" lmp.v1.LicensingService/GetHistoryHead | jq -r '"\(.sequence)-\(.chain_hash)"'

# The history as it goes on: a message for each transaction, from the beginning; here until two seconds are over.
grpcurl -plaintext -max-time 2 -d '{"resume_token": "earliest"}' "$SERVER" lmp.v1.LicensingService/WatchEvents |
  jq -r 'select(.events) | "\(.resume_token): \(.events | length) events"' || true

# What license checks depend on, all of it and then each change: how many licenses; here until two seconds are over.
grpcurl -plaintext -max-time 2 -d '{}' "$SERVER" lmp.v1.LicensingService/WatchLicenses |
  jq -r '.facts[]?.license.name // empty' || true

# The history with its hashes, for whoever computes them anew; and the proof that one event is in it.
grpcurl -plaintext -d '{"page_size": 3}' "$SERVER" lmp.v1.LicensingService/ExportHistory | jq -r '.entries[].sequence'
event=$(grpcurl -plaintext -d '{"parent": "-", "page_size": 1}' "$SERVER" lmp.v1.LicensingService/ListEvents |
  jq -r '.events[0].name')
grpcurl -plaintext -d '{"name": "'"$event"'"}' "$SERVER" lmp.v1.LicensingService/GetEventProof |
  jq -r '.path | length'

# A mistake is taken back by an event that tells of it, or by the customer and the request_id of the request.
SUBSCRIPTION=$(grpcurl -plaintext -d '{"parent": "customers/florist", "filter": "state = ACTIVE"}' \
  "$SERVER" lmp.v1.LicensingService/ListSubscriptions | jq -r '.subscriptions[0].name')
grpcurl -plaintext -d '{
  "subscription": {"name": "'"$SUBSCRIPTION"'", "expiration_notice_days": 13}
}' "$SERVER" lmp.v1.LicensingService/UpdateSubscription >/dev/null
MISTAKE=$(grpcurl -plaintext -d '{"parent": "'"$SUBSCRIPTION"'", "order_by": "event_time desc", "page_size": 1}' \
  "$SERVER" lmp.v1.LicensingService/ListEvents | jq -r '.events[0].name')
grpcurl -plaintext -d '{"name": "'"$MISTAKE"'"}' "$SERVER" lmp.v1.LicensingService/RevertChange |
  jq -r '.reverted_events[]'

# What the partner's customers had and used this month, at the peak.
grpcurl -plaintext -d '{"parent": "partners/lighthouse-msp", "month": '"$(date -u '+{"year": %Y, "month": %-m}')"'}' \
  "$SERVER" lmp.v1.LicensingService/GetUsageReport |
  jq -r '.rows[] | "\(.customer) \(.product): \(.provisioned_units) \(.unit), used \(.used_units // "unknown")"'
