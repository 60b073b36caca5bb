#!/bin/bash
# The main job: a customer gets a service plan, and then a suite that holds a product it has already (a crossgrade).
# Goes on with what 1_catalog.sh has made.
set -euo pipefail
SERVER=${LMP_SERVER:-localhost:50051}

# A company that the partner looks after.
grpcurl -plaintext -d '{
  "customer_id": "florist",
  "customer": {
    "partner": "partners/lighthouse-msp", "display_name": "Rose & Daughters",
    "city": "Bonn", "region": "NRW", "country": "DE",
    "contact": {"given_name": "Rose", "family_name": "Berg", "email": "rose@florist.example"}
  }
}' "$SERVER" lmp.v1.CustomerService/CreateCustomer

# Two more, with the partner's own keys for them.
for ID in brewery cinema; do
  grpcurl -plaintext -d '{
    "customer_id": "'$ID'",
    "customer": {
      "partner": "partners/lighthouse-msp", "external_id": "crm-'$ID'", "display_name": "The '$ID'",
      "city": "Bonn", "region": "NRW", "country": "DE",
      "contact": {"given_name": "Ada", "family_name": "Lind", "email": "ada@'$ID'.example"}
    }
  }' "$SERVER" lmp.v1.CustomerService/CreateCustomer
done

# One customer.
grpcurl -plaintext -d '{"name": "customers/florist"}' "$SERVER" lmp.v1.CustomerService/GetCustomer

# All customers, page by page to the end: the token of one answer asks for the next page.
TOKEN=
while
  PAGE=$(grpcurl -plaintext -d '{"page_size": 2, "page_token": "'"$TOKEN"'"}' \
    "$SERVER" lmp.v1.CustomerService/ListCustomers)
  jq -r '.customers[].name' <<<"$PAGE"
  TOKEN=$(jq -r '.next_page_token // ""' <<<"$PAGE")
  [ -n "$TOKEN" ]
do :; done

# Several at once, in one snapshot.
grpcurl -plaintext -d '{"names": ["customers/florist", "customers/cinema"]}' \
  "$SERVER" lmp.v1.CustomerService/BatchGetCustomers

# Another contact: paths reach into nested messages.
grpcurl -plaintext -d '{
  "customer": {"name": "customers/florist", "contact": {"email": "office@florist.example"}},
  "update_mask": {"paths": ["contact.email"]}
}' "$SERVER" lmp.v1.CustomerService/UpdateCustomer

# What a wrong request gets: INVALID_ARGUMENT (exit code 64 + 3), and BadRequest names every field that is wrong.
grpcurl -plaintext -d '{"customer": {"country": "Germany"}}' "$SERVER" lmp.v1.CustomerService/CreateCustomer ||
  [ $? = 67 ]

# Which plans can the florist be given today?
grpcurl -plaintext -d '{"customer": "customers/florist"}' "$SERVER" lmp.v1.LicensingService/ListAssignableServicePlans |
  jq -r '.plans[] | "\(.service_plan.name) \(.assignability)"'

# Drive Guard for 25 users.
grpcurl -plaintext -d '{
  "parent": "customers/florist", "service_plan": "servicePlans/drive-monthly",
  "units": [{"product": "products/drive-guard", "units": 25}]
}' "$SERVER" lmp.v1.LicensingService/AssignServicePlan

# The hot call of services: may the florist use it now?
grpcurl -plaintext -d '{"customer": "customers/florist", "product": "products/drive-guard"}' \
  "$SERVER" lmp.v1.LicensingService/CheckLicense | jq -e .usable

# The suite holds Drive Guard too: refused with FAILED_PRECONDITION (64 + 9), and the details name each duplicate.
grpcurl -plaintext -format-error -d '{
  "parent": "customers/florist", "service_plan": "servicePlans/suite-annual",
  "units": [{"product": "products/drive-guard", "units": 40}, {"product": "products/mail-guard", "units": 60}]
}' "$SERVER" lmp.v1.LicensingService/AssignServicePlan 2>&1 |
  jq '.details[] | select(.duplicates) | .duplicates[] | {product, license, choices}' || [ $? = 73 ]

# What would it do, if the license were transferred? validate_only decides as the live call does, and stores nothing.
PREVIEW=$(grpcurl -plaintext -d '{
  "parent": "customers/florist", "service_plan": "servicePlans/suite-annual",
  "units": [{"product": "products/drive-guard", "units": 40}, {"product": "products/mail-guard", "units": 60}],
  "crossgrade": {"mode": "AUTOMATIC"}, "validate_only": true
}' "$SERVER" lmp.v1.LicensingService/AssignServicePlan)
jq -r '.changes[] | .resource as $r | .fields[] | "\($r) \(.field): \(.before // "") -> \(.after // "")"' <<<"$PREVIEW"
# What is allowed but looks like a mistake.
jq -r '.advisories[]? | "\(.code) \(.resource): \(.text)"' <<<"$PREVIEW"

# Do exactly what was shown, or nothing (PREVIEW_CHANGED). The request id makes it safe to send again.
ASSIGN='{
  "parent": "customers/florist", "service_plan": "servicePlans/suite-annual",
  "units": [{"product": "products/drive-guard", "units": 40}, {"product": "products/mail-guard", "units": 60}],
  "crossgrade": {"mode": "AUTOMATIC"}, "preview_token": "'$(jq -r .preview_token <<<"$PREVIEW")'",
  "request_id": "'$(cat /proc/sys/kernel/random/uuid)'"
}'
SUBSCRIPTION=$(grpcurl -plaintext -d "$ASSIGN" "$SERVER" lmp.v1.LicensingService/AssignServicePlan |
  jq -r .subscription.name)

# Sent again, it gives the first answer (in its trailers: lmp-replayed) and changes nothing.
AGAIN=$(grpcurl -plaintext -d "$ASSIGN" "$SERVER" lmp.v1.LicensingService/AssignServicePlan |
  jq -r .subscription.name)
[ "$AGAIN" = "$SUBSCRIPTION" ]

# The subscription with its licenses.
grpcurl -plaintext -d '{"name": "'"$SUBSCRIPTION"'"}' "$SERVER" lmp.v1.LicensingService/GetSubscription

# All subscriptions of the florist: the monthly one lost its license to the suite, and is DISABLED.
grpcurl -plaintext -d '{"parent": "customers/florist"}' "$SERVER" lmp.v1.LicensingService/ListSubscriptions |
  jq -r '.subscriptions[] | "\(.name) \(.display_name): \(.state)"'

# Everybody's licenses ("-": of any customer), with their names.
grpcurl -plaintext -d '{"parent": "customers/-"}' "$SERVER" lmp.v1.LicensingService/ListLicenses |
  jq -r '.licenses[] | "\(.name) \(.product) \(.units) \(.unit) \(.state)"'

# One license: the one of Drive Guard, which kept its name when it moved to the suite.
LICENSE=$(grpcurl -plaintext -d '{"parent": "customers/florist"}' "$SERVER" lmp.v1.LicensingService/ListLicenses |
  jq -r '.licenses[] | select(.product == "products/drive-guard") | .name')
grpcurl -plaintext -d '{"name": "'"$LICENSE"'"}' "$SERVER" lmp.v1.LicensingService/GetLicense

# Many checks in one snapshot; a customer that does not exist is an answer, too.
grpcurl -plaintext -d '{"requests": [
  {"customer": "customers/florist", "product": "products/mail-guard"},
  {"customer": "customers/brewery", "product": "products/mail-guard"},
  {"customer": "customers/no-such", "product": "products/mail-guard"}
]}' "$SERVER" lmp.v1.LicensingService/BatchCheckLicenses | jq -r '.responses[] | .usable // .reason'
