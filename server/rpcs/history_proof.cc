// The history for whoever computes its hashes anew.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lmp/v1/history_proof.pb.h"
#include "server/engine/history.h"
#include "server/rpcs/event_scope.h"
#include "server/rpcs/history_head.h"
#include "server/rpcs/snapshot_read.h"
#include "server/wire/changes.h"
#include "server/wire/fields.h"
#include "storage/event_sequence.h"
#include "storage/history.h"
#include "storage/history_chain.h"
#include "storage/history_tree.h"
#include "storage/rows/personal.h"
#include "storage/status_macros.h"

namespace lmp::rpcs {
namespace {

constexpr int kDefaultPage = 500;
constexpr int kMaxPage = 1000;
constexpr size_t kMaxPageBytes = size_t{2} << 20;

// With its record if that is to be shown, and there is one.
v1::HistoryEntry EntryOf(const model::Event& event, bool shown) {
  v1::HistoryEntry entry;
  entry.set_sequence(event.sequence);
  if (shown && !storage::OnlyLeafIsLeft(event)) {
    entry.set_record(storage::RecordOf(event));
  } else {
    entry.set_leaf(storage::LeafOf(event));
  }
  return entry;
}

struct ExportQuery {
  std::shared_ptr<const domain::TokenSigner> signer;  // null: the server has none
  int64_t after = 0;
  int limit = kDefaultPage;
};

absl::StatusOr<ExportQuery> ParseExport(const v1::ExportHistoryRequest& request, const wire::ServerContext& context) {
  wire::Fields fields;
  if (request.after_sequence() < 0) fields.Fail("after_sequence", "must be 0 or more");
  if (request.page_size() < 0) fields.Fail("page_size", "must be 0 or more");
  RETURN_IF_ERROR(fields.status());
  const int asked = request.page_size() == 0 ? kDefaultPage : request.page_size();
  return ExportQuery{context.signer ? context.signer() : nullptr, request.after_sequence(), std::min(asked, kMaxPage)};
}

// What is exported from the beginning begins with what the hashes go on from, if the beginning is not kept any more.
absl::Status AddBase(const Reading& reading, int64_t after, v1::ExportHistoryResponse* response) {
  ASSIGN_OR_RETURN(const storage::HistoryBase base, storage::LoadHistoryBase(reading.connection));
  if (after >= base.sequence) return absl::OkStatus();
  if (after > 0) return engine::NotKept(base, "after_sequence");
  v1::HistoryEntry* entry = response->add_entries();
  entry->set_sequence(base.sequence);
  entry->set_chain_hash(base.chain_hash);
  return absl::OkStatus();
}

absl::Status ReadExport(const Reading& reading, const ExportQuery& query, v1::ExportHistoryResponse* response) {
  RETURN_IF_ERROR(FillHead(reading, query.signer.get(), response->mutable_head()).status());
  ASSIGN_OR_RETURN(const VisibleEvents visible, VisibleEvents::Load(reading.connection, reading.env.caller));
  ASSIGN_OR_RETURN(
      const std::vector<model::Event> events,
      storage::LoadBySequence(reading.connection,
                              {.after = query.after, .before = response->head().sequence() + 1, .limit = query.limit}));
  RETURN_IF_ERROR(AddBase(reading, query.after, response));
  size_t bytes = 0;
  for (const model::Event& event : events) {
    v1::HistoryEntry entry = EntryOf(event, visible.Has(event));
    bytes += entry.record().size() + entry.leaf().size();
    if (bytes > kMaxPageBytes && response->entries_size() > 0) break;
    entry.set_chain_hash(event.chain_hash);
    *response->add_entries() = std::move(entry);
  }
  return absl::OkStatus();
}

struct ProofQuery {
  std::shared_ptr<const domain::TokenSigner> signer;  // null: the server has none
  int64_t event_id = 0;
};

absl::StatusOr<ProofQuery> ParseProof(const v1::GetEventProofRequest& request, const wire::ServerContext& context) {
  wire::Fields fields;
  ProofQuery query{context.signer ? context.signer() : nullptr, 0};
  fields.Name("name", request.name(), "events");
  RETURN_IF_ERROR(fields.status());
  ASSIGN_OR_RETURN(query.event_id, wire::EventIdOf(request.name()));
  return query;
}

absl::Status ReadProof(const Reading& reading, const ProofQuery& query, v1::EventProof* response) {
  const std::string name = wire::EventName(query.event_id);
  ASSIGN_OR_RETURN(const std::optional<model::Event> found, storage::LoadEvent(reading.connection, query.event_id));
  ASSIGN_OR_RETURN(const VisibleEvents visible, VisibleEvents::Load(reading.connection, reading.env.caller));
  if (!found.has_value() || !visible.Has(*found)) return wire::NoSuchEvent(name);
  ASSIGN_OR_RETURN(const storage::MerkleFrontier tree, FillHead(reading, query.signer.get(), response->mutable_head()));
  if (found->sequence == 0 || found->sequence > tree.size() || tree.size() < response->head().sequence())
    return wire::NoSuchEvent(name);
  ASSIGN_OR_RETURN(const std::vector<model::Event> events,
                   storage::LoadBySequence(reading.connection, {.after = found->sequence - 1, .limit = 1}));
  if (events.empty()) return wire::NoSuchEvent(name);
  const model::Event& event = events.front();
  *response->mutable_entry() = EntryOf(event, true);
  if (event.record_version == storage::kSaltedRecord && event.salt.has_value()) {
    response->mutable_entry()->set_salt(*event.salt);
    response->mutable_entry()->set_personal(storage::PersonalBytes(event));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> path,
                   storage::ProveInclusion(reading.connection, found->sequence, tree.size()));
  for (const std::string& node : path) response->add_path(node);
  return absl::OkStatus();
}

}  // namespace

std::vector<Rpc> HistoryProofRpcs() {
  return {SnapshotReadRpc{
              .name = "ExportHistory", .needs = Permission::kReadHistory, .parse = ParseExport, .read = ReadExport},
          SnapshotReadRpc{
              .name = "GetEventProof", .needs = Permission::kReadHistory, .parse = ParseProof, .read = ReadProof}};
}

}  // namespace lmp::rpcs
