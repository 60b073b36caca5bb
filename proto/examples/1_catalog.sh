#!/bin/bash
# What there is, and the catalog: a distributor, a managed service provider below it, its products and service plans.
# The scripts beside this one go on with it, in the order of their numbers, once per database. They need grpcurl and jq.
# Run them in the top folder of the sources. A server with TLS: -cacert FILE instead of -plaintext.
set -euo pipefail
SERVER=${LMP_SERVER:-localhost:50051}

# Which services are there? The server describes itself: grpcurl needs no .proto files.
grpcurl -plaintext "$SERVER" list

# Which methods does a service have?
grpcurl -plaintext "$SERVER" list lmp.v1.LicensingService

# What does a method take and give?
grpcurl -plaintext "$SERVER" describe lmp.v1.LicensingService.AssignServicePlan

# Which fields does a message have?
grpcurl -plaintext "$SERVER" describe lmp.v1.AssignServicePlanRequest

# Is the service ready, database included?
grpcurl -plaintext -d '{"service": "lmp.v1.LicensingService"}' \
  "$SERVER" grpc.health.v1.Health/Check | jq -e '.status == "SERVING"'

# A distributor.
grpcurl -plaintext -d '{
  "partner_id": "harbour-distribution",
  "partner": {"display_name": "Harbour Distribution", "tier": "DISTRIBUTOR"}
}' "$SERVER" lmp.v1.CustomerService/CreatePartner

# A managed service provider below it.
grpcurl -plaintext -d '{
  "partner_id": "lighthouse-msp",
  "partner": {"display_name": "Lighthouse", "tier": "RESELLER", "parent": "partners/harbour-distribution"}
}' "$SERVER" lmp.v1.CustomerService/CreatePartner

# One partner. An x-request-id comes back in the trailers, and is in the server's log.
grpcurl -plaintext -H 'x-request-id: my-trace-1' -d '{"name": "partners/lighthouse-msp"}' \
  "$SERVER" lmp.v1.CustomerService/GetPartner

# All partners, the first page of them.
grpcurl -plaintext -d '{"page_size": 10}' "$SERVER" lmp.v1.CustomerService/ListPartners

# Another name: the mask says which fields to set.
grpcurl -plaintext -d '{
  "partner": {"name": "partners/lighthouse-msp", "display_name": "Lighthouse Managed Services"},
  "update_mask": {"paths": ["display_name"]}
}' "$SERVER" lmp.v1.CustomerService/UpdatePartner

# A service, counted in users.
grpcurl -plaintext -d '{
  "product_id": "drive-guard",
  "product": {"display_name": "Drive Guard", "kind": "SERVICE", "unit": "USER", "nfr_allowed": true}
}' "$SERVER" lmp.v1.LicensingService/CreateProduct

# Another one, sold from 5 mailboxes on.
grpcurl -plaintext -d '{
  "product_id": "mail-guard",
  "product": {"display_name": "Mail Guard", "kind": "SERVICE", "unit": "MAILBOX", "min_units": 5}
}' "$SERVER" lmp.v1.LicensingService/CreateProduct

# Two levels of one family: a subscription can be moved from one to the other.
grpcurl -plaintext -d '{
  "product_id": "endpoint-basic",
  "product": {"display_name": "Endpoint Basic", "kind": "SERVICE", "unit": "SEAT", "family": "endpoint", "level": 1}
}' "$SERVER" lmp.v1.LicensingService/CreateProduct
grpcurl -plaintext -d '{
  "product_id": "endpoint-plus",
  "product": {"display_name": "Endpoint Plus", "kind": "SERVICE", "unit": "SEAT", "family": "endpoint", "level": 2}
}' "$SERVER" lmp.v1.LicensingService/CreateProduct

# Software: its licenses have an activation code, and a customer may hold several.
grpcurl -plaintext -d '{
  "product_id": "disk-lock",
  "product": {"display_name": "Disk Lock", "kind": "SOFTWARE", "unit": "ENCRYPTION_KEY", "max_units": 500}
}' "$SERVER" lmp.v1.LicensingService/CreateProduct

# A suite of two services.
grpcurl -plaintext -d '{
  "product_id": "office-suite",
  "product": {
    "display_name": "Office Suite", "kind": "SUITE", "components": ["products/drive-guard", "products/mail-guard"]
  }
}' "$SERVER" lmp.v1.LicensingService/CreateProduct

# One product.
grpcurl -plaintext -d '{"name": "products/office-suite"}' "$SERVER" lmp.v1.LicensingService/GetProduct

# The names of all products.
grpcurl -plaintext "$SERVER" lmp.v1.LicensingService/ListProducts | jq -r '.products[].name'

# Sold up to 5000 units from now on, if nobody changed the product since we read it: an old etag is refused.
ETAG=$(grpcurl -plaintext -d '{"name": "products/mail-guard"}' "$SERVER" lmp.v1.LicensingService/GetProduct |
  jq -r .etag)
grpcurl -plaintext -d '{
  "product": {"name": "products/mail-guard", "max_units": 5000, "etag": "'"$ETAG"'"},
  "update_mask": {"paths": ["max_units"]}
}' "$SERVER" lmp.v1.LicensingService/UpdateProduct

# A plan: what the partner offers of a product. This one runs for a month and renews by itself.
grpcurl -plaintext -d '{
  "service_plan_id": "drive-monthly",
  "service_plan": {
    "partner": "partners/lighthouse-msp", "product": "products/drive-guard", "display_name": "Drive Guard, monthly",
    "initial_term_months": 1, "auto_renewal": true
  }
}' "$SERVER" lmp.v1.LicensingService/CreateServicePlan

# The suite for a year.
grpcurl -plaintext -d '{
  "service_plan_id": "suite-annual",
  "service_plan": {
    "partner": "partners/lighthouse-msp", "product": "products/office-suite", "display_name": "Office Suite, annual",
    "initial_term_months": 12, "auto_renewal": true
  }
}' "$SERVER" lmp.v1.LicensingService/CreateServicePlan

# A plan on each level of the endpoint family; licenses of the first wait for the customer's first sign-in.
grpcurl -plaintext -d '{
  "service_plan_id": "endpoint-basic-annual",
  "service_plan": {
    "partner": "partners/lighthouse-msp", "product": "products/endpoint-basic",
    "display_name": "Endpoint Basic, annual", "initial_term_months": 12, "auto_renewal": true,
    "activation_policy": "ON_FIRST_SIGN_IN"
  }
}' "$SERVER" lmp.v1.LicensingService/CreateServicePlan
grpcurl -plaintext -d '{
  "service_plan_id": "endpoint-plus-annual",
  "service_plan": {
    "partner": "partners/lighthouse-msp", "product": "products/endpoint-plus",
    "display_name": "Endpoint Plus, annual", "initial_term_months": 12, "auto_renewal": true
  }
}' "$SERVER" lmp.v1.LicensingService/CreateServicePlan

# And one for the software.
grpcurl -plaintext -d '{
  "service_plan_id": "disk-annual",
  "service_plan": {
    "partner": "partners/lighthouse-msp", "product": "products/disk-lock", "display_name": "Disk Lock, annual",
    "initial_term_months": 12
  }
}' "$SERVER" lmp.v1.LicensingService/CreateServicePlan

# One plan.
grpcurl -plaintext -d '{"name": "servicePlans/suite-annual"}' "$SERVER" lmp.v1.LicensingService/GetServicePlan

# All plans, with what each can be used for now.
grpcurl -plaintext "$SERVER" lmp.v1.LicensingService/ListServicePlans |
  jq -r '.service_plans[] | "\(.name) \(.state)"'

# A longer grace period, for what is assigned from now on.
grpcurl -plaintext -d '{
  "service_plan": {"name": "servicePlans/suite-annual", "grace_period_days": 45},
  "update_mask": {"paths": ["grace_period_days"]}
}' "$SERVER" lmp.v1.LicensingService/UpdateServicePlan

# Not offered for now: customers that have it keep it.
grpcurl -plaintext -d '{"name": "servicePlans/disk-annual"}' "$SERVER" lmp.v1.LicensingService/DisableServicePlan

# Offered again.
grpcurl -plaintext -d '{"name": "servicePlans/disk-annual"}' "$SERVER" lmp.v1.LicensingService/EnableServicePlan
