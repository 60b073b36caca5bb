#!/bin/bash
# Who calls: API keys, and what the server knows of its caller. After 1_catalog.sh.
set -euo pipefail
SERVER=${LMP_SERVER:-localhost:50051}

# Who am I? On loopback, where nobody is asked, the administrator.
grpcurl -plaintext "$SERVER" lmp.v1.CustomerService/WhoAmI

# A key for a partner's shop, which may check licenses and nothing else. Its secret is in this answer and nowhere else.
KEY=$(grpcurl -plaintext -d '{
  "parent": "partners/harbour-distribution", "api_key": {"roles": ["CHECKER"], "display_name": "shop"}
}' "$SERVER" lmp.v1.CustomerService/CreateApiKey)

# Whoever has it is that key.
grpcurl -plaintext -H "authorization: Bearer $(jq -r .secret <<<"$KEY")" "$SERVER" lmp.v1.CustomerService/WhoAmI |
  jq -e '.partner == "partners/harbour-distribution" and .roles == ["CHECKER"]'

# What is kept of it: not the secret.
NAME=$(jq -r .name <<<"$KEY")
grpcurl -plaintext -d '{"name": "'"$NAME"'"}' "$SERVER" lmp.v1.CustomerService/GetApiKey

# Another name for people.
grpcurl -plaintext -d '{"api_key": {"name": "'"$NAME"'", "display_name": "shop, till 2"}}' \
  "$SERVER" lmp.v1.CustomerService/UpdateApiKey

# The partner's keys that hold.
grpcurl -plaintext -d '{"parent": "partners/harbour-distribution", "filter": "state = ACTIVE"}' \
  "$SERVER" lmp.v1.CustomerService/ListApiKeys | jq -r '.api_keys[] | "\(.name) \(.display_name) until \(.expire_time)"'

# It leaked: within five seconds no server takes it.
grpcurl -plaintext -d '{"name": "'"$NAME"'"}' "$SERVER" lmp.v1.CustomerService/RevokeApiKey
