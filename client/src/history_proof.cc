#include "lmp/history_proof.h"

#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/src/jws.h"
#include "storage/hex.h"
#include "storage/merkle.h"
#include "storage/sha256.h"

namespace lmp::client {
namespace {

using nlohmann::json;

constexpr char kHeadType[] = "lmp-history+jwt";
constexpr size_t kMaxHead = 16 * 1024;
constexpr size_t kHashBytes = 32;
// The forms of a record (storage/history_chain.h): the second has a digest of what tells of people, as its last field.
constexpr char kVersion[] = "lmp-event-1";
constexpr char kSaltedVersion[] = "lmp-event-2";
constexpr char kDigest[] = "personal_digest";
// The fields of a record, after its version.
constexpr std::array<const char*, 16> kFields = {"sequence",       "transaction_end", "event_id",   "event_time_micros",
                                                 "actor",          "reason",          "request_id", "kind",
                                                 "effective_date", "partner_id",      "row_table",  "key1",
                                                 "key2",           "revision",        "before",     "after"};

// And of what tells of people.
constexpr std::array<const char*, 3> kPersonalFields = {"personal_reason", "personal_before", "personal_after"};

using Field = std::optional<std::string>;

// Each after its length, of eight bytes; none for what is no such thing.
std::optional<std::vector<Field>> ReadFields(absl::string_view bytes) {
  std::vector<Field> fields;
  while (!bytes.empty()) {
    if (bytes.size() < 8) return std::nullopt;
    uint64_t length = 0;
    for (size_t i = 0; i < 8; ++i) length = length << 8 | static_cast<unsigned char>(bytes[i]);
    bytes.remove_prefix(8);
    Field& field = fields.emplace_back();
    if (length == ~uint64_t{0}) continue;
    if (length > bytes.size()) return std::nullopt;
    field = std::string(bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
  return fields;
}

std::optional<std::string> HashIn(const json& object, const char* name) {
  const auto it = object.find(name);
  if (it == object.end() || !it->is_string()) return std::nullopt;
  const std::string& hex = it->get_ref<const std::string&>();
  if (hex.size() != 2 * kHashBytes || hex.find_first_not_of("0123456789abcdef") != std::string::npos)
    return std::nullopt;
  return storage::BytesOfHex(hex);
}

absl::Status NoHead() { return absl::InvalidArgumentError("this is no signed head of a history"); }

absl::StatusOr<VerifiedHead> ReadClaims(const std::string& payload) {
  const json claims = json::parse(payload, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!claims.is_object() || claims.value("iss", json()) != "lmp" || claims.value("sub", json()) != "history")
    return NoHead();
  const json own = claims.value("lmp", json());
  const json issued = claims.value("iat", json());
  if (!own.is_object() || !issued.is_number_integer()) return NoHead();
  const json sequence = own.value("sequence", json());
  const std::optional<std::string> chain_hash = HashIn(own, "chain_hash");
  if (!sequence.is_number_integer() || sequence.get<int64_t>() < 0 || !chain_hash.has_value()) return NoHead();
  VerifiedHead head{sequence.get<int64_t>(), *chain_hash, "", absl::FromUnixSeconds(issued.get<int64_t>()), ""};
  if (!own.contains("tree_root")) return head;
  const std::optional<std::string> root = HashIn(own, "tree_root");
  if (!root.has_value()) return NoHead();
  head.tree_root = *root;
  return head;
}

absl::Status NotOf(const VerifiedHead& head) {
  return absl::DataLossError(absl::StrCat("this is not the history that the head of event ", head.sequence,
                                          " was signed for: something was rewritten"));
}

}  // namespace

absl::StatusOr<VerifiedHead> VerifyHead(absl::string_view signed_head, absl::string_view jwks_json) {
  const absl::StatusOr<KeySet> keys = ParseKeySet(jwks_json);
  if (!keys.ok()) return keys.status();
  const std::optional<Jws> jws = signed_head.size() <= kMaxHead ? ParseJws(signed_head) : std::nullopt;
  if (!jws.has_value()) return NoHead();
  if (jws->algorithm != "EdDSA") return absl::UnauthenticatedError("the head is not signed with EdDSA");
  const auto key = keys->find(jws->key_id);
  if (key == keys->end()) return absl::UnauthenticatedError("the head is signed with a key that is not among the keys");
  if (!VerifyEd25519(key->second, jws->signing_input, jws->signature))
    return absl::UnauthenticatedError("the signature of the head does not hold: it was changed");
  if (jws->type != kHeadType || jws->critical) return NoHead();
  absl::StatusOr<VerifiedHead> head = ReadClaims(jws->payload);
  if (head.ok()) head->key_id = jws->key_id;
  return head;
}

struct HistoryVerifier::State {
  int64_t before = 0;  // so many events are not kept
  int64_t last() const { return before + tree.size(); }
  // Whether the head has this root, as far as it can be computed.
  bool HasRoot(const VerifiedHead& head) const {
    return before > 0 || head.tree_root.empty() || head.tree_root == tree.Root();
  }

  // Of a head that was kept from before what is exported nothing can be said.
  absl::Status CheckBeginning() {
    if (known.empty() || known.begin()->first > before) return absl::OkStatus();
    const VerifiedHead& head = known.begin()->second;
    if (head.sequence == before && head.chain_hash != chain_hash) return NotOf(head);
    if (head.sequence == before) return known.erase(known.begin()), CheckBeginning();
    return absl::FailedPreconditionError(absl::StrCat("a head that was kept is of event ", head.sequence,
                                                      ", and the export begins only behind event ", before));
  }

  std::string chain_hash = std::string(kHashBytes, '\0');
  storage::MerkleFrontier tree;
  std::multimap<int64_t, VerifiedHead> known;  // that are yet to be passed
};

HistoryVerifier::HistoryVerifier() : state_(std::make_unique<State>()) {}
HistoryVerifier::~HistoryVerifier() = default;

void HistoryVerifier::Expect(VerifiedHead known) { state_->known.emplace(known.sequence, std::move(known)); }

absl::Status HistoryVerifier::Add(const ExportedEvent& event) {
  if (state_->last() == 0 && event.sequence > 0 && event.record.empty() && event.leaf.empty() &&
      event.chain_hash.size() == kHashBytes) {
    state_->before = event.sequence;
    state_->chain_hash = event.chain_hash;
    return state_->CheckBeginning();
  }
  const int64_t expected = state_->last() + 1;
  if (event.sequence != expected)
    return absl::DataLossError(absl::StrCat("event ", expected, " is missing, or another is in its place"));
  std::string leaf = event.leaf;
  if (!event.record.empty()) {
    leaf = storage::Sha256(event.record);
    const absl::StatusOr<RecordFields> fields = ReadRecord(event.record);
    const bool another_leaf = !event.leaf.empty() && event.leaf != leaf;
    if (another_leaf || !fields.ok() || (*fields)[0].second != absl::StrCat(expected))
      return absl::DataLossError(absl::StrCat("event ", expected, " is not what was recorded"));
  }
  state_->chain_hash = storage::Sha256(absl::StrCat(state_->chain_hash, leaf));
  state_->tree.Append(leaf);
  if (leaf.size() != kHashBytes || (!event.chain_hash.empty() && event.chain_hash != state_->chain_hash))
    return absl::DataLossError(absl::StrCat("event ", expected, " is not what was recorded"));
  for (auto it = state_->known.find(expected); it != state_->known.end() && it->first == expected;) {
    if (it->second.chain_hash != state_->chain_hash || !state_->HasRoot(it->second)) return NotOf(it->second);
    it = state_->known.erase(it);
  }
  return absl::OkStatus();
}

absl::Status HistoryVerifier::Finish(const VerifiedHead& head) const {
  if (state_->last() < head.sequence)
    return absl::DataLossError(
        absl::StrCat("event ", state_->last() + 1, " is missing: the head is of event ", head.sequence));
  if (state_->last() > head.sequence)
    return absl::DataLossError(absl::StrCat("event ", head.sequence + 1, " is beyond the head"));
  if (head.chain_hash != state_->chain_hash || !state_->HasRoot(head)) return NotOf(head);
  const auto later = state_->known.upper_bound(head.sequence);
  if (later != state_->known.end())
    return absl::DataLossError(
        absl::StrCat("a head that was kept is of event ", later->first, ": the end of the history is missing"));
  return absl::OkStatus();
}

std::string LeafOf(absl::string_view record) { return storage::Sha256(record); }

absl::Status VerifyInclusion(absl::string_view record, int64_t sequence, const std::vector<std::string>& path,
                             const VerifiedHead& head) {
  const absl::StatusOr<RecordFields> fields = ReadRecord(record);
  if (!fields.ok()) return fields.status();
  if ((*fields)[0].second != absl::StrCat(sequence))
    return absl::DataLossError("the event is of another place in the history");
  return VerifyLeafInclusion(storage::Sha256(record), sequence, path, head);
}

absl::Status VerifyLeafInclusion(absl::string_view leaf, int64_t sequence, const std::vector<std::string>& path,
                                 const VerifiedHead& head) {
  if (head.tree_root.empty()) return absl::DataLossError("the head does not have the root of the tree");
  if (storage::IsIncluded(leaf, sequence - 1, head.sequence, path, head.tree_root)) return absl::OkStatus();
  return absl::DataLossError("the event is not in the history of this head");
}

absl::Status VerifyBeginning(const VerifiedHead& first, const VerifiedHead& second,
                             const std::vector<std::string>& path) {
  if (first.tree_root.empty() || second.tree_root.empty())
    return absl::DataLossError("the heads do not have the roots of their trees");
  if (storage::IsBeginning(first.sequence, first.tree_root, second.sequence, second.tree_root, path))
    return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the history up to event ", first.sequence,
                                          " is not the beginning of that up to event ", second.sequence,
                                          ": it was rewritten"));
}

absl::StatusOr<RecordFields> ReadRecord(absl::string_view record) {
  const absl::Status none = absl::DataLossError("these bytes are no record of an event");
  const std::optional<std::vector<Field>> values = ReadFields(record);
  if (!values.has_value() || values->empty()) return none;
  const bool salted = values->front() == kSaltedVersion;
  if (values->size() != kFields.size() + (salted ? 2 : 1) || (!salted && values->front() != kVersion)) return none;
  RecordFields fields;
  for (size_t i = 0; i < kFields.size(); ++i) fields.emplace_back(kFields[i], (*values)[i + 1]);
  if (salted) fields.emplace_back(kDigest, absl::BytesToHexString(values->back().value_or("")));
  return fields;
}

absl::StatusOr<RecordFields> ReadPersonal(absl::string_view record, absl::string_view salt,
                                          absl::string_view personal) {
  const absl::StatusOr<RecordFields> fields = ReadRecord(record);
  if (!fields.ok()) return fields.status();
  const std::string digest = absl::BytesToHexString(storage::Sha256(absl::StrCat(salt, personal)));
  const std::optional<std::vector<Field>> values = ReadFields(personal);
  if (fields->back().first != kDigest || fields->back().second != digest || !values.has_value() ||
      values->size() != kPersonalFields.size()) {
    return absl::DataLossError("what the event tells of people is not what was recorded");
  }
  RecordFields told;
  for (size_t i = 0; i < kPersonalFields.size(); ++i) told.emplace_back(kPersonalFields[i], (*values)[i]);
  return told;
}

}  // namespace lmp::client
