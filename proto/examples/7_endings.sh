#!/bin/bash
# How things end, and which endings can be taken back.
# Goes on with what 6_license_tokens.sh has made; afterwards the partner is canceled.
set -euo pipefail
SERVER=${LMP_SERVER:-localhost:50051}

# The cinema does not pay: all its licenses stop at once.
grpcurl -plaintext -d '{"name": "customers/cinema"}' "$SERVER" lmp.v1.CustomerService/DisableCustomer

# It has paid: they are back, with their old expirations.
grpcurl -plaintext -d '{"name": "customers/cinema"}' "$SERVER" lmp.v1.CustomerService/EnableCustomer

# A customer with running licenses can't be deleted (64 + 9) ...
grpcurl -plaintext -d '{"name": "customers/cinema"}' "$SERVER" lmp.v1.CustomerService/DeleteCustomer || [ $? = 73 ]

# ... unless they are to end with it.
grpcurl -plaintext -d '{"name": "customers/cinema", "force": true}' "$SERVER" lmp.v1.CustomerService/DeleteCustomer

# What tells of people is taken away for good, but not as long as the customer may come back (64 + 9).
grpcurl -plaintext -d '{"name": "customers/cinema"}' "$SERVER" lmp.v1.CustomerService/EraseCustomer || [ $? = 73 ]

# Undeleted, within 30 days; its licenses stay ended.
grpcurl -plaintext -d '{"name": "customers/cinema"}' "$SERVER" lmp.v1.CustomerService/UndeleteCustomer

# A plan that is no longer offered; subscriptions that came from it go on.
grpcurl -plaintext -d '{"name": "servicePlans/disk-annual"}' "$SERVER" lmp.v1.LicensingService/DeleteServicePlan

# It is still there for those who ask for deleted ones.
grpcurl -plaintext -d '{"filter": "delete_time:*", "show_deleted": true}' \
  "$SERVER" lmp.v1.LicensingService/ListServicePlans | jq -e '.service_plans | length == 1'

# A product that is no longer sold.
grpcurl -plaintext -d '{"name": "products/disk-lock"}' "$SERVER" lmp.v1.LicensingService/EndProductSale

# And its end: licenses run no longer than that, whatever they say.
IN_A_YEAR=$(date -u -d '1 year' '+{"year": %Y, "month": %-m, "day": 1}')
grpcurl -plaintext -d '{"name": "products/disk-lock", "end_date": '"$IN_A_YEAR"'}' \
  "$SERVER" lmp.v1.LicensingService/EndProductLife

# The partner becomes read only; what its customers have goes on.
grpcurl -plaintext -d '{"name": "partners/lighthouse-msp"}' "$SERVER" lmp.v1.CustomerService/SuspendPartner

# And back.
grpcurl -plaintext -d '{"name": "partners/lighthouse-msp"}' "$SERVER" lmp.v1.CustomerService/ResumePartner

# Canceled, for good: the licenses of all its customers are disabled.
grpcurl -plaintext -d '{"name": "partners/lighthouse-msp"}' "$SERVER" lmp.v1.CustomerService/CancelPartner
