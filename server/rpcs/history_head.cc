#include "server/rpcs/history_head.h"

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lmp/v1/watch.pb.h"
#include "server/rpcs/snapshot_read.h"
#include "storage/event_sequence.h"
#include "storage/status_macros.h"

namespace lmp::rpcs {
namespace {

struct HeadQuery {
  std::shared_ptr<const domain::TokenSigner> signer;  // null: the server has none
};

absl::StatusOr<HeadQuery> ParseHead(const v1::GetHistoryHeadRequest&, const wire::ServerContext& context) {
  return HeadQuery{context.signer ? context.signer() : nullptr};
}

absl::Status ReadHead(const Reading& reading, const HeadQuery& query, v1::HistoryHead* response) {
  ASSIGN_OR_RETURN(const storage::HistoryHead head, storage::LoadHistoryHead(reading.connection));
  response->set_sequence(head.sequence);
  response->set_chain_hash(absl::BytesToHexString(head.chain_hash));
  if (query.signer == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(*response->mutable_signed_head(),
                   SignHead(*query.signer, head.sequence, head.chain_hash, reading.env.now));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> SignHead(const domain::TokenSigner& signer, int64_t sequence, const std::string& chain_hash,
                                     absl::Time now) {
  return signer.Sign(kHistoryHeadType, absl::StrCat(R"({"iss":"lmp","sub":"history","iat":)", absl::ToUnixSeconds(now),
                                                    R"(,"lmp":{"sequence":)", sequence, R"(,"chain_hash":")",
                                                    absl::BytesToHexString(chain_hash), "\"}}"));
}

std::vector<Rpc> HistoryHeadRpcs() {
  return {SnapshotReadRpc{
      .name = "GetHistoryHead", .needs = Permission::kReadHistory, .parse = ParseHead, .read = ReadHead}};
}

}  // namespace lmp::rpcs
