// License tokens: issuing, the keys that verify them, and the list of those that no longer hold.
#ifndef LMP_SERVER_SERVICES_TOKEN_SERVICE_H_
#define LMP_SERVER_SERVICES_TOKEN_SERVICE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lmp/v1/license_token.pb.h"
#include "server/services/reading.h"
#include "server/domain/env.h"
#include "server/domain/license_token.h"
#include "server/engine/write_engine.h"
#include "server/token_keys.h"
#include "server/wire/preview_token.h"
#include "storage/catalogue_cache.h"
#include "storage/connection.h"

namespace lmp::server {

inline constexpr char kLicenseTokenIssued[] = "LICENSE_TOKEN_ISSUED";

// The decision of IssueLicenseToken, with the keys as they are now: a rerun of it signs with the same one. A preview must not be
// usable: it has no token.
std::function<absl::StatusOr<engine::Render>(model::World&, const domain::Env&)> DecideLicenseToken(
    domain::IssueLicenseTokenCommand command, std::shared_ptr<const TokenKeySet> keys, wire::Asked asked);

// The serialized response of ListLicenseTokenKeys.
absl::StatusOr<std::string> AnswerLicenseTokenKeys(const TokenKeySet& keys,
                                                   const v1::ListLicenseTokenKeysRequest& request);

// What is wrong with the request, without the database. Errors: INVALID_ARGUMENT.
absl::Status CheckRevocationList(const v1::GetLicenseRevocationListRequest& request);

absl::Status FillRevocationList(const Reading& reading, const TokenKeySet& keys,
                                const v1::GetLicenseRevocationListRequest& request,
                                v1::GetLicenseRevocationListResponse* response);

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_TOKEN_SERVICE_H_
