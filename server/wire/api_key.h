// API keys: requests to commands, names to ids.
#ifndef LMP_SERVER_WIRE_API_KEY_H_
#define LMP_SERVER_WIRE_API_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "lmp/v1/api_key.pb.h"
#include "server/domain/api_key.h"
#include "server/engine/write_engine.h"
#include "server/wire/fields.h"
#include "server/wire/resource.h"

namespace lmp::wire {

// "partners/acme/apiKeys/k1" → {"acme", "k1"}, "apiKeys/k1" → {"", "k1"}. A malformed name fails.
domain::ApiKeyId ApiKeyIdIn(Fields& fields, absl::string_view field, const std::string& name);

// But for what the server makes: the key's id and the secret. What the roles may be bound to is checked elsewhere.
// Fails what is wrong.
domain::CreateApiKeyCommand ReadCreateApiKey(const v1::CreateApiKeyRequest& request, Fields& fields);
absl::StatusOr<domain::UpdateApiKeyCommand> ParseUpdateApiKey(const v1::UpdateApiKeyRequest& request);
absl::StatusOr<domain::RevokeApiKeyCommand> ParseRevokeApiKey(const v1::RevokeApiKeyRequest& request);

void RenderApiKey(const engine::Decision& decided, const std::string& key_id, v1::ApiKey* out);
void ToProto(const model::ApiKey& row, const View& view, v1::ApiKey* out);  // without the secret, which nobody has

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_API_KEY_H_
