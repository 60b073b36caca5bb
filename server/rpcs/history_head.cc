#include "server/rpcs/history_head.h"

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/engine/history.h"
#include "server/rpcs/snapshot_read.h"
#include "server/wire/fields.h"
#include "storage/event_sequence.h"
#include "storage/history_tree.h"
#include "storage/status_macros.h"

namespace lmp::rpcs {
namespace {

struct HeadQuery {
  std::shared_ptr<const domain::TokenSigner> signer;  // null: the server has none
  int64_t since = 0;
};

absl::StatusOr<HeadQuery> ParseHead(const v1::GetHistoryHeadRequest& request, const wire::ServerContext& context) {
  wire::Fields fields;
  if (request.since_sequence() < 0) fields.Fail("since_sequence", "must be 0 or more");
  RETURN_IF_ERROR(fields.status());
  return HeadQuery{context.signer ? context.signer() : nullptr, request.since_sequence()};
}

absl::Status ReadHead(const Reading& reading, const HeadQuery& query, v1::HistoryHead* response) {
  ASSIGN_OR_RETURN(const storage::MerkleFrontier tree, FillHead(reading, query.signer.get(), response));
  if (query.since == 0) return absl::OkStatus();
  if (query.since > tree.size()) {
    wire::Fields fields;
    fields.Fail("since_sequence", "is beyond the end of the history");
    return fields.status();
  }
  ASSIGN_OR_RETURN(const storage::HistoryBase base, storage::LoadHistoryBase(reading.connection));
  if (query.since < base.sequence) return engine::NotKept(base, "since_sequence");
  ASSIGN_OR_RETURN(const std::vector<std::string> path,
                   storage::ProveBeginning(reading.connection, query.since, tree.size()));
  for (const std::string& node : path) response->add_consistency_path(node);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> SignHead(const domain::TokenSigner& signer, int64_t sequence, const std::string& chain_hash,
                                     const std::string& tree_root, absl::Time now) {
  const std::string root =
      tree_root.empty() ? "" : absl::StrCat(R"(","tree_root":")", absl::BytesToHexString(tree_root));
  return signer.Sign(kHistoryHeadType, absl::StrCat(R"({"iss":"lmp","sub":"history","iat":)", absl::ToUnixSeconds(now),
                                                    R"(,"lmp":{"sequence":)", sequence, R"(,"chain_hash":")",
                                                    absl::BytesToHexString(chain_hash), root, "\"}}"));
}

absl::StatusOr<storage::MerkleFrontier> FillHead(const Reading& reading, const domain::TokenSigner* signer,
                                                 v1::HistoryHead* out) {
  ASSIGN_OR_RETURN(const storage::HistoryHead head, storage::LoadHistoryHead(reading.connection));
  ASSIGN_OR_RETURN(storage::MerkleFrontier tree, storage::LoadTree(reading.connection));
  const std::string root = tree.size() == head.sequence ? tree.Root() : "";
  out->set_sequence(head.sequence);
  out->set_chain_hash(absl::BytesToHexString(head.chain_hash));
  out->set_tree_root(absl::BytesToHexString(root));
  if (signer == nullptr) return tree;
  ASSIGN_OR_RETURN(*out->mutable_signed_head(),
                   SignHead(*signer, head.sequence, head.chain_hash, root, reading.env.now));
  return tree;
}

std::vector<Rpc> HistoryHeadRpcs() {
  return {SnapshotReadRpc{
      .name = "GetHistoryHead", .needs = Permission::kReadHistory, .parse = ParseHead, .read = ReadHead}};
}

}  // namespace lmp::rpcs
