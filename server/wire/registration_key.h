// Registration keys on the wire.
#ifndef LMP_SERVER_WIRE_REGISTRATION_KEY_H_
#define LMP_SERVER_WIRE_REGISTRATION_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/subscription/registration_key.h"
#include "server/engine/write_engine.h"
#include "server/wire/resource.h"
#include "server/wire/server_context.h"

namespace lmp::wire {

absl::StatusOr<domain::CreateRegistrationKeyCommand> ParseCreateRegistrationKey(
    const v1::CreateRegistrationKeyRequest& request, const ServerContext& context);
absl::StatusOr<std::string> ParseGetRegistrationKey(const v1::GetRegistrationKeyRequest& request);
absl::StatusOr<domain::UpdateRegistrationKeyCommand> ParseUpdateRegistrationKey(
    const v1::UpdateRegistrationKeyRequest& request);
absl::StatusOr<domain::RedeemRegistrationKeyCommand> ParseRedeemRegistrationKey(
    const v1::RedeemRegistrationKeyRequest& request);

void RenderRegistrationKey(const engine::Decision& decided, const std::string& key_id, v1::RegistrationKey* out);
void RenderRedemption(const engine::Decision& decided, const domain::RedeemRegistrationKeyResult& result,
                      v1::RedeemRegistrationKeyResponse* out);
void ToProto(const model::RegistrationKey& row, const View& view, v1::RegistrationKey* out);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_REGISTRATION_KEY_H_
