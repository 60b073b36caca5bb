#!/bin/bash
# Units that a partner may hand out, and one-time keys with which a customer claims a plan.
# Goes on with what 3_subscriptions.sh has made.
set -euo pipefail
SERVER=${LMP_SERVER:-localhost:50051}

# A pool of 200 units; without one a product is unlimited.
grpcurl -plaintext -d '{"name": "partners/lighthouse-msp/licensePools/disk-lock", "units": 200}' \
  "$SERVER" lmp.v1.LicensingService/AddLicensePoolUnits

# Filled up by itself when fewer than 50 are left.
grpcurl -plaintext -d '{
  "license_pool": {"name": "partners/lighthouse-msp/licensePools/disk-lock", "minimum_units": 50},
  "update_mask": {"paths": ["minimum_units"]}
}' "$SERVER" lmp.v1.LicensingService/UpdateLicensePool

# A key for 30 units of Disk Lock. Its name is the secret: whoever knows it may redeem it.
KEY=$(grpcurl -plaintext -d '{"registration_key": {
  "service_plan": "servicePlans/disk-annual", "units": [{"product": "products/disk-lock", "units": 30}],
  "note": "trade fair"
}}' "$SERVER" lmp.v1.LicensingService/CreateRegistrationKey | jq -r .name)

# Is it still good?
grpcurl -plaintext -d '{"name": "'"$KEY"'"}' "$SERVER" lmp.v1.LicensingService/GetRegistrationKey | jq -r .state

# The units, and where it was given away.
grpcurl -plaintext -d '{
  "registration_key": {"name": "'"$KEY"'", "units": [{"product": "products/disk-lock", "units": 30}],
    "note": "trade fair, row 3"},
  "update_mask": {"paths": ["units", "note"]}
}' "$SERVER" lmp.v1.LicensingService/UpdateRegistrationKey

# The cinema redeems it.
grpcurl -plaintext -d '{"name": "'"$KEY"'", "customer": "customers/cinema"}' \
  "$SERVER" lmp.v1.LicensingService/RedeemRegistrationKey

# A second time it is refused with FAILED_PRECONDITION (64 + 9).
grpcurl -plaintext -d '{"name": "'"$KEY"'", "customer": "customers/brewery"}' \
  "$SERVER" lmp.v1.LicensingService/RedeemRegistrationKey || [ $? = 73 ]

# Another key, taken back before anybody used it.
KEY=$(grpcurl -plaintext -d '{"registration_key": {
  "service_plan": "servicePlans/disk-annual", "units": [{"product": "products/disk-lock", "units": 5}]
}}' "$SERVER" lmp.v1.LicensingService/CreateRegistrationKey | jq -r .name)
grpcurl -plaintext -d '{"name": "'"$KEY"'"}' "$SERVER" lmp.v1.LicensingService/VoidRegistrationKey

# What became of the plan's keys.
grpcurl -plaintext -d '{"service_plan": "servicePlans/disk-annual"}' \
  "$SERVER" lmp.v1.LicensingService/ListRegistrationKeys | jq -r '.registration_keys[] | "\(.state) \(.customer // "")"'

# The pool now: 200 units, 30 of them assigned.
grpcurl -plaintext -d '{"name": "partners/lighthouse-msp/licensePools/disk-lock"}' \
  "$SERVER" lmp.v1.LicensingService/GetLicensePool

# All pools of the partner.
grpcurl -plaintext -d '{"parent": "partners/lighthouse-msp"}' "$SERVER" lmp.v1.LicensingService/ListLicensePools |
  jq -r '.license_pools[] | "\(.product): \(.assigned_units) of \(.total_units)"'
