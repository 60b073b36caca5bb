#!/bin/bash
# Loads the demo catalog with the `lmp` tool: a distributor, an MSP below it with its plans, a customer with one
# license. Run again, it changes nothing. LMP_SERVER says where the server is; `lmp` must be in PATH.
set -euo pipefail

count=0

# create KIND ID FLAG…: a thing that is there already is fine. The request id follows from the request, so that the
# same line sent twice is one change, and a changed line is another.
create() {
  local digest status=0 message
  digest=$(printf '%s\n' "$@" | md5sum)
  message=$(lmp "$1" create "$2" "${@:3}" --request-id \
    "${digest:0:8}-${digest:8:4}-4${digest:13:3}-8${digest:17:3}-${digest:20:12}" 2>&1 >/dev/null) || status=$?
  case $status in
    0 | 6) count=$((count + 1)) ;;  # 6: ALREADY_EXISTS
    *)
      printf '%s\n' "lmp $1 create $2: $message" >&2
      exit "$status"
      ;;
  esac
}

product() { create product "$1" --display-name "$2" --kind "$3" "${@:4}"; }
plan() { create plan "$1" --partner acme-msp --product "$2" --display-name "$3" "${@:4}"; }

create partner north-distribution --display-name "North Distribution" --tier distributor
create partner acme-msp --display-name "Acme Managed Services" --tier reseller --parent north-distribution

product cloud-app-security "Cloud App Security" service --unit user --nfr-allowed
product hosted-email-security "Hosted Email Security" service --unit mailbox --min-units 5 --nfr-allowed
product worry-free-services-standard "Worry-Free Business Security Services Standard" service --unit seat \
  --family worry-free-services --level 1
product worry-free-services-advanced "Worry-Free Business Security Services Advanced" service --unit seat \
  --family worry-free-services --level 2 --nfr-allowed
product worry-free-business-security "Worry-Free Business Security" software --unit endpoint --min-units 5 --nfr-allowed
product endpoint-encryption "Endpoint Encryption" software --unit encryption-key
product worry-free-services-suite "Worry-Free Services Suite" suite --nfr-allowed \
  --components worry-free-services-advanced --components cloud-app-security --components hosted-email-security
product worry-free-with-xdr "Worry-Free with XDR" suite \
  --components worry-free-services-advanced --components cloud-app-security

monthly=(--initial-term-months 1 --auto-renewal --renewal-term-months 1)
annual=(--initial-term-months 12 --auto-renewal --renewal-term-months 12)
plan cas-monthly cloud-app-security "Cloud App Security, monthly" "${monthly[@]}"
plan cas-annual cloud-app-security "Cloud App Security, annual" "${annual[@]}"
plan cas-trial cloud-app-security "Cloud App Security, trial" --version trial
plan cas-nfr cloud-app-security "Cloud App Security, not for resale" --nfr
plan hes-annual hosted-email-security "Hosted Email Security, annual" "${annual[@]}"
plan wfs-standard-monthly worry-free-services-standard "Worry-Free Services Standard, monthly" "${monthly[@]}"
plan wfs-advanced-monthly worry-free-services-advanced "Worry-Free Services Advanced, monthly" "${monthly[@]}"
plan wfs-advanced-annual worry-free-services-advanced "Worry-Free Services Advanced, annual" "${annual[@]}"
plan wfs-advanced-trial worry-free-services-advanced "Worry-Free Services Advanced, trial" --version trial
plan wfbs-annual worry-free-business-security "Worry-Free Business Security, annual" --initial-term-months 12
plan encryption-annual endpoint-encryption "Endpoint Encryption, annual" --initial-term-months 12
plan suite-monthly worry-free-services-suite "Worry-Free Services Suite, monthly" "${monthly[@]}"
plan suite-annual worry-free-services-suite "Worry-Free Services Suite, annual" "${annual[@]}"
plan suite-trial worry-free-services-suite "Worry-Free Services Suite, trial" --version trial
plan suite-nfr worry-free-services-suite "Worry-Free Services Suite, not for resale" --nfr
plan xdr-annual worry-free-with-xdr "Worry-Free with XDR, annual" "${annual[@]}"

create customer bakery --partner acme-msp --display-name "The Corner Bakery" --city Bonn --region NRW --country DE \
  --contact-given-name Ada --contact-family-name Berg --contact-email ada@bakery.example
# What the customer starts with; later runs leave it as the story has made it.
if [ "$(lmp license list bakery -o json --limit 1)" = "[]" ]; then
  lmp assign bakery wfs-advanced-monthly --units 10 --request-id 6c6d7000-0000-4000-8000-000000000001 >/dev/null
fi
echo "$count partners, products, plans and customers are there"
