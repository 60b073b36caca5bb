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

// The header "typ" of the two kinds of JWT: one can't be passed off as the other (RFC 8725, 3.11).
inline constexpr char kLicenseTokenType[] = "lmp-license+jwt";
inline constexpr char kRevocationListType[] = "lmp-revocations+jwt";

// To be signed with the key of now: so that a rerun of the decision signs with the same one. Errors: INVALID_ARGUMENT
// with all that is wrong.
absl::StatusOr<domain::IssueLicenseTokenCommand> ParseIssueLicenseToken(const v1::IssueLicenseTokenRequest& request,
                                                                        const ServerContext& context);

// Signs the token. A preview has none: it must not be usable. Errors: those of the signer.
absl::Status RenderLicenseToken(const engine::Decision& decided, const domain::IssuedToken& issued,
                                v1::LicenseToken* out);

// JSON claims as license_token.proto lists them. The world has the token's license, its product and its customer.
std::string LicenseTokenClaims(const model::World& world, const model::LicenseToken& token);

// The same for a revocation list about `parent` with these token ids.
std::string RevocationListClaims(const std::string& parent, const std::vector<std::string>& revoked,
                                 absl::Time issue_time, absl::Time expire_time);

void ToProto(const model::LicenseToken& row, const View& view, v1::LicenseToken* out);  // without the token itself

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_LICENSE_TOKEN_H_
