// License tokens on the wire: the request, and the claims that are signed.
#ifndef LMP_SERVER_WIRE_LICENSE_TOKEN_H_
#define LMP_SERVER_WIRE_LICENSE_TOKEN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lmp/v1/license_token.pb.h"
#include "server/domain/license/license_token.h"
#include "server/engine/write_engine.h"
#include "server/wire/resource.h"
#include "server/wire/server_context.h"
#include "storage/model/world.h"

namespace lmp::wire {

// The header "typ" of the two kinds of JWT. It differs, so that neither can be passed off as the other (RFC 8725,
// 3.11).
inline constexpr char kLicenseTokenType[] = "lmp-license+jwt";
inline constexpr char kRevocationListType[] = "lmp-revocations+jwt";

// The command has the key that signs now, so that a rerun of the decision signs with the same key. Errors:
// INVALID_ARGUMENT with all that is wrong.
absl::StatusOr<domain::IssueLicenseTokenCommand> ParseIssueLicenseToken(const v1::IssueLicenseTokenRequest& request,
                                                                        const ServerContext& context);

// Signs the token. A preview has no token, because it must not be usable. Errors: those of the signer.
absl::Status RenderLicenseToken(const engine::Decision& decided, const domain::IssuedToken& issued,
                                v1::LicenseToken* out);

// The JSON claims that license_token.proto lists. The world must have the token's license, its product and its
// customer.
std::string LicenseTokenClaims(const model::World& world, const model::LicenseToken& token);

// The claims of a revocation list about `parent` with these token ids.
std::string RevocationListClaims(const std::string& parent, const std::vector<std::string>& revoked,
                                 absl::Time issue_time, absl::Time expire_time);

// The result is without the signed token itself.
void ToProto(const model::LicenseToken& row, const View& view, v1::LicenseToken* out);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_LICENSE_TOKEN_H_
