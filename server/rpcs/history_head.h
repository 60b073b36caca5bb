// The end of the history, signed.
#ifndef LMP_SERVER_RPCS_HISTORY_HEAD_H_
#define LMP_SERVER_RPCS_HISTORY_HEAD_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lmp/v1/watch.pb.h"
#include "server/domain/license/license_token.h"
#include "server/rpcs/backend.h"
#include "storage/merkle.h"

namespace lmp::rpcs {

inline constexpr char kHistoryHeadType[] = "lmp-history+jwt";

// A JWT that says which hash the chain has at a sequence, and the tree's root, unless it is empty. Errors: INTERNAL.
absl::StatusOr<std::string> SignHead(const domain::TokenSigner& signer, int64_t sequence, const std::string& chain_hash,
                                     const std::string& tree_root, absl::Time now);

// The end of the history in a snapshot, signed unless `signer` is null. Returns its tree. Errors: those of the
// connection.
absl::StatusOr<storage::MerkleFrontier> FillHead(const Reading& reading, const domain::TokenSigner* signer,
                                                 v1::HistoryHead* out);

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_HISTORY_HEAD_H_
