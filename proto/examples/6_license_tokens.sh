#!/bin/bash
# Licenses without a server: signed tokens, the keys that verify them, and what was revoked.
# Goes on with what 5_questions.sh has made. A server with --embedded-mysql has a key to sign with; another one needs
# --token-key-file key.pem, made with: openssl genpkey -algorithm ed25519 -out key.pem
set -euo pipefail
SERVER=${LMP_SERVER:-localhost:50051}

# A license of the florist, and its subscription.
read -r LICENSE SUBSCRIPTION < <(grpcurl -plaintext -d '{"parent": "customers/florist"}' \
  "$SERVER" lmp.v1.LicensingService/ListLicenses |
  jq -r '.licenses[] | select(.product == "products/drive-guard") | "\(.name) \(.subscription)"')

# A token for it, good for 90 days: a JWT that any library verifies.
TOKEN=$(grpcurl -plaintext -d '{"name": "'"$LICENSE"'", "valid_days": 90}' \
  "$SERVER" lmp.v1.LicensingService/IssueLicenseToken | jq -r .token)

# What it says: its middle part is base64 of JSON.
jq -rR 'split(".")[1] | gsub("-"; "+") | gsub("_"; "/") | @base64d' <<<"$TOKEN" | jq .

# The public keys that verify it, as a JSON Web Key Set.
grpcurl -plaintext "$SERVER" lmp.v1.LicensingService/ListLicenseTokenKeys | jq -r .jwks_json

# The license gets fewer units than the token says ...
grpcurl -plaintext -d '{
  "subscription": {"name": "'"$SUBSCRIPTION"'"}, "units": [{"product": "products/drive-guard", "units": 30}]
}' "$SERVER" lmp.v1.LicensingService/UpdateSubscription | jq -r .subscription.licenses[].units

# ... and so the token is on the signed list of those that no longer hold, of all the partner's customers.
grpcurl -plaintext -d '{"parent": "partners/lighthouse-msp"}' \
  "$SERVER" lmp.v1.LicensingService/GetLicenseRevocationList | jq -e '.revoked_count == 1'
