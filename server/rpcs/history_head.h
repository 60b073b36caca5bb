// The end of the history, signed.
#ifndef LMP_SERVER_RPCS_HISTORY_HEAD_H_
#define LMP_SERVER_RPCS_HISTORY_HEAD_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/license/license_token.h"

namespace lmp::rpcs {

inline constexpr char kHistoryHeadType[] = "lmp-history+jwt";

// A JWT that says which hash the chain has at a sequence. Errors: INTERNAL.
absl::StatusOr<std::string> SignHead(const domain::TokenSigner& signer, int64_t sequence, const std::string& chain_hash,
                                     absl::Time now);

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_HISTORY_HEAD_H_
