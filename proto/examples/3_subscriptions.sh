#!/bin/bash
# The life of a subscription: changes now and later, renewal, suspension, another level, and a suite that changes.
# Goes on with what 2_assign.sh has made.
set -euo pipefail
SERVER=${LMP_SERVER:-localhost:50051}

# The florist's running subscription.
SUBSCRIPTION=$(grpcurl -plaintext -d '{"parent": "customers/florist"}' \
  "$SERVER" lmp.v1.LicensingService/ListSubscriptions |
  jq -r '.subscriptions[] | select(.state == "ACTIVE") | .name')

# More units of one license, at once.
grpcurl -plaintext -d '{
  "subscription": {"name": "'"$SUBSCRIPTION"'"}, "units": [{"product": "products/mail-guard", "units": 75}]
}' "$SERVER" lmp.v1.LicensingService/UpdateSubscription

# Fewer, in 30 days: the change waits for its day.
IN_30_DAYS=$(date -u -d '30 days' '+{"year": %Y, "month": %-m, "day": %-d}')
CHANGE=$(grpcurl -plaintext -d '{
  "subscription": {"name": "'"$SUBSCRIPTION"'"}, "units": [{"product": "products/mail-guard", "units": 50}],
  "effective_date": '"$IN_30_DAYS"'
}' "$SERVER" lmp.v1.LicensingService/UpdateSubscription | jq -r .scheduled_change.name)

# What waits?
grpcurl -plaintext -d '{"parent": "'"$SUBSCRIPTION"'"}' "$SERVER" lmp.v1.LicensingService/ListScheduledChanges

# Called off.
grpcurl -plaintext -d '{"name": "'"$CHANGE"'"}' "$SERVER" lmp.v1.LicensingService/CancelScheduledChange

# Extended by 6 months from its current end.
grpcurl -plaintext -d '{"name": "'"$SUBSCRIPTION"'", "term_months": 6}' \
  "$SERVER" lmp.v1.LicensingService/RenewSubscription | jq .subscription.expiration_date

# Paused from today on: its licenses stop.
grpcurl -plaintext -d '{"name": "'"$SUBSCRIPTION"'"}' "$SERVER" lmp.v1.LicensingService/SuspendSubscription

# And back.
grpcurl -plaintext -d '{"name": "'"$SUBSCRIPTION"'"}' "$SERVER" lmp.v1.LicensingService/UnsuspendSubscription

# The brewery gets a plan whose license waits for the first sign-in ...
BREWERY=$(grpcurl -plaintext -d '{
  "parent": "customers/brewery", "service_plan": "servicePlans/endpoint-basic-annual",
  "units": [{"product": "products/endpoint-basic", "units": 12}]
}' "$SERVER" lmp.v1.LicensingService/AssignServicePlan)
LICENSE=$(jq -r '.subscription.licenses[0].name' <<<"$BREWERY")

# ... which comes now.
grpcurl -plaintext -d '{"name": "'"$LICENSE"'"}' "$SERVER" lmp.v1.LicensingService/ActivateLicense

# What the product counted: more than there is only sets over_allocated.
grpcurl -plaintext -d '{"name": "'"$LICENSE"'", "used_units": 14}' "$SERVER" lmp.v1.LicensingService/ReportUsage

# To the next level of the product family; the license keeps its name and dates.
grpcurl -plaintext -d '{
  "name": "'"$(jq -r .subscription.name <<<"$BREWERY")"'", "service_plan": "servicePlans/endpoint-plus-annual"
}' "$SERVER" lmp.v1.LicensingService/ChangeServicePlan

# All subscriptions of a customer in one transaction: here, what would it be if they all ended on one day ("co-term")?
IN_2_YEARS=$(date -u -d '2 years' '+{"year": %Y, "month": %-m, "day": 1}')
grpcurl -plaintext -d '{
  "parent": "customers/brewery", "update": {"align": {"expiration_date": '"$IN_2_YEARS"'}}, "validate_only": true
}' "$SERVER" lmp.v1.LicensingService/BatchUpdateSubscriptions

# The vendor changes the suite: its plans are LOCKED until their partner approves.
grpcurl -plaintext -d '{
  "name": "products/office-suite",
  "add_components": ["products/endpoint-plus"], "remove_components": ["products/mail-guard"]
}' "$SERVER" lmp.v1.LicensingService/ChangeSuiteComponents

# The partner approves.
grpcurl -plaintext -d '{"name": "servicePlans/suite-annual"}' "$SERVER" lmp.v1.LicensingService/ApproveServicePlan

# The florist's subscription is brought up to it: a license more, and the one of Mail Guard becomes unbundled.
UNBUNDLED=$(grpcurl -plaintext -d '{
  "name": "'"$SUBSCRIPTION"'", "units": [{"product": "products/endpoint-plus", "units": 20}]
}' "$SERVER" lmp.v1.LicensingService/ApplyPlanUpdates | jq -r '.unbundled_licenses[0].name')

# The same for all subscriptions of the plan, page by page; those that have it are only counted.
grpcurl -plaintext -d '{"service_plan": "servicePlans/suite-annual"}' \
  "$SERVER" lmp.v1.LicensingService/BatchApplyPlanUpdates

# The unbundled license would run on to its own end; this ends it now.
grpcurl -plaintext -d '{"name": "'"$UNBUNDLED"'"}' "$SERVER" lmp.v1.LicensingService/DeleteUnbundledLicense

# The brewery's subscription ends at once and for good: first what it would do, then for real.
CANCEL=$(jq '{name: .subscription.name}' <<<"$BREWERY")
jq '.validate_only = true' <<<"$CANCEL" |
  grpcurl -plaintext -d @ "$SERVER" lmp.v1.LicensingService/CancelSubscription | jq '.changes[].resource'
grpcurl -plaintext -d "$CANCEL" "$SERVER" lmp.v1.LicensingService/CancelSubscription
