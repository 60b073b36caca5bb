#!/bin/bash
# The story with grpcurl and jq: client.sh HOST. It prints what it sees, a line of JSON for each step; the test that
# started it knows what that must be (../client_test_case.py).
set -euo pipefail
host=$1
unavailable=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# call METHOD JSON: the response.
call() { grpcurl -plaintext -d @ "$host" "lmp.v1.$1" <<<"$2"; }

# refusal METHOD JSON: the google.rpc.Status of a call that must fail.
refusal() {
  if grpcurl -plaintext -format-error -d @ "$host" "lmp.v1.$1" <<<"$2" 2>"$log"; then
    echo "$1 was not refused" >&2
    exit 1
  fi
  jq . "$log"
}

# retried METHOD JSON: the same request again while the server is away; its request_id makes that safe. The answer, with
# headers and trailers, is in $answer.
retried() {
  local status
  while
    status=0
    answer=$(grpcurl -plaintext -v -connect-timeout 0.2 -d @ "$host" "lmp.v1.$1" <<<"$2" 2>"$log") || status=$?
    # 78: the call was UNAVAILABLE. 1: it came to no call; why is in the text only.
    [ $status = 78 ] || { [ $status = 1 ] && grep -qiE 'failed to dial|unavailable|connection refused' "$log"; }
  do
    unavailable=$((unavailable + 1))
    sleep 0.1
  done
  [ $status = 0 ] || { cat "$log" >&2 && exit 1; }
}

# What `grpcurl -v` has between "Response contents:" and the trailers.
contents() { sed -n '/^Response contents:/,/^Response trailers/{/^Response/!p}'; }

uuid() { cat /proc/sys/kernel/random/uuid; }

customer() {
  jq -n --arg id "$1" --arg request_id "$(uuid)" '{customer_id: $id, request_id: $request_id, customer: {
    partner: "partners/script-msp", display_name: "The \($id)", city: "Bonn", region: "NRW", country: "DE",
    contact: {given_name: "Ada", family_name: "Berg", email: "ada@bakery.example"}}}'
}

# assign CUSTOMER PLAN PRODUCT=UNITS…: a request for AssignServicePlan.
assign() {
  jq -n --arg customer "$1" --arg plan "$2" --arg request_id "$(uuid)" '{
    parent: "customers/\($customer)", service_plan: "servicePlans/\($plan)", request_id: $request_id,
    units: [$ARGS.positional[] / "=" | {product: "products/\(.[0])", units: .[1] | tonumber}]}' --args "${@:3}"
}

catalog() {
  call CustomerService/CreatePartner \
    '{"partner_id": "script-north", "partner": {"display_name": "North", "tier": "DISTRIBUTOR"}}'
  call CustomerService/CreatePartner '{"partner_id": "script-msp",
    "partner": {"display_name": "Script", "tier": "RESELLER", "parent": "partners/script-north"}}'
  local product plan id
  for product in \
    '{"display_name": "drive", "kind": "SERVICE", "unit": "USER"}' \
    '{"display_name": "mail", "kind": "SERVICE", "unit": "MAILBOX"}' \
    '{"display_name": "disk", "kind": "SOFTWARE", "unit": "ENCRYPTION_KEY"}' \
    '{"display_name": "suite", "kind": "SUITE", "components": ["products/disk", "products/drive", "products/mail"]}'; do
    call LicensingService/CreateProduct "$(jq '{product_id: .display_name, product: .}' <<<"$product")"
  done
  for plan in drive disk suite; do
    call LicensingService/CreateServicePlan "$(jq -n --arg plan $plan '{
      service_plan_id: "\($plan)-annual", service_plan: {
      partner: "partners/script-msp", display_name: $plan, product: "products/\($plan)", initial_term_months: 12}}')"
  done
  for id in bakery cinema dairy florist gym-one; do
    call CustomerService/CreateCustomer "$(customer $id)"
  done
}

bad_input() {
  refusal CustomerService/CreateCustomer '{"customer": {"country": "Germany", "contact": {"email": "ada"}}}' | jq -c '
    (.details | map({key: (.["@type"] / "." | last), value: .}) | from_entries) as $details | {
    step: "invalid", code, reason: $details.ErrorInfo.reason, domain: $details.ErrorInfo.domain,
    fields: [$details.BadRequest.field_violations[].field] | sort}'
}

crossgrade() {
  local suite error
  call LicensingService/AssignServicePlan "$(assign bakery drive-annual drive=25)" >/dev/null
  call LicensingService/AssignServicePlan "$(assign bakery disk-annual disk=5)" >/dev/null
  suite=$(assign bakery suite-annual drive=40 mail=60 disk=10)
  error=$(refusal LicensingService/AssignServicePlan "$suite")
  jq -c '{step: "refused", code, reason: (.details[] | select(.reason) | .reason),
    duplicates: [.details[] | select(.duplicates) | .duplicates[] | {product, license, choices}]}' <<<"$error"
  # The last of the choices: TRANSFER for a service, NEW_LICENSE for software.
  suite=$(jq --argjson error "$error" '.crossgrade = {mode: "EXPLICIT", resolutions:
    [$error.details[] | select(.duplicates) | .duplicates[] | {product, choice: .choices[-1]}]}' <<<"$suite")
  call LicensingService/AssignServicePlan "$suite" | jq -c '{step: "assigned", subscription: .subscription.name,
    licenses: [.subscription.licenses[] | {name, product, units}],
    outcomes: [.crossgrade_outcomes[] | {product, resolution}]}'
}

pages() {
  local token='' page found='[]'
  while
    page=$(call CustomerService/ListCustomers "{\"page_size\": 2, \"page_token\": \"$token\"}")
    found=$(jq -c --argjson found "$found" '$found + [[.customers[].name]]' <<<"$page")
    token=$(jq -r '.next_page_token // ""' <<<"$page")
    [ -n "$token" ]
  do :; done
  jq -cn --argjson pages "$found" '{step: "pages", pages: $pages}'
}

# Assigns on and on while the server is stopped and started again; then sends the first request of all once more.
restart() {
  local request first again replayed=() assigned='{}' i
  replay() { if grep -qi '^lmp-replayed: true' <<<"$answer"; then echo true; else echo false; fi; }
  request=$(assign cinema drive-annual drive=7)
  retried LicensingService/AssignServicePlan "$request"
  first=$(contents <<<"$answer" | jq -r .subscription.name)
  replayed+=("$(replay)")
  echo '{"step": "restart"}'
  for ((i = 0; ; i++)); do
    if [ $i -ge 3 ] && read -r -t 0; then break; fi
    retried CustomerService/CreateCustomer "$(customer "burst-$i")"
    retried LicensingService/AssignServicePlan "$(assign "burst-$i" drive-annual drive=3)"
    assigned=$(jq -c --arg id "burst-$i" --argjson answer "$(contents <<<"$answer")" \
      '.[$id] = $answer.subscription.name' <<<"$assigned")
  done
  retried LicensingService/AssignServicePlan "$request"
  again=$(contents <<<"$answer" | jq -r .subscription.name)
  replayed+=("$(replay)")
  jq -cn --argjson assigned "$assigned" --argjson unavailable $unavailable --arg first "$first" --arg again "$again" \
    '{step: "resumed", $unavailable, unexpected: [], $assigned, $first, $again,
      replayed: ($ARGS.positional | map(. == "true"))}' \
    --args "${replayed[@]}"
}

catalog >/dev/null
bad_input
crossgrade
pages
restart
