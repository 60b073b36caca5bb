#ifndef LMP_HISTORY_PROOF_H_
#define LMP_HISTORY_PROOF_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Verifies the history without a server, a network or protobuf: link lmp::license_token. Trust comes from the keys
// alone (a JSON Web Key Set, as ListLicenseTokenKeys returns it) and from heads that were kept: whoever has the
// server's private key can sign another history, but not one that goes through a head of before.
namespace lmp::client {

// What a signed head says (lmp/v1/watch.proto, HistoryHead.signed_head).
struct VerifiedHead {
  int64_t sequence = 0;
  std::string chain_hash;  // 32 bytes
  std::string tree_root;   // 32 bytes; empty: the head does not say
  absl::Time issue_time;
  std::string key_id;
};
// Errors: INVALID_ARGUMENT if the keys are none, or the head is no signed head; UNAUTHENTICATED if none of the keys has
// signed it, or it was changed.
absl::StatusOr<VerifiedHead> VerifyHead(absl::string_view signed_head, absl::string_view jwks_json);

// One event of an exported history, as HistoryEntry has it.
struct ExportedEvent {
  int64_t sequence = 0;
  std::string record;  // empty: only its hash is known,
  std::string leaf;    // which is this
  std::string chain_hash;
};

// Goes through an exported history from its first event. If the server does not keep that any more, the first that is
// exported has neither record nor leaf, and what follows goes on from its chain_hash; then the tree is not computed, as
// the chain up to the signed head shows all that is there.
class HistoryVerifier final {
 public:
  HistoryVerifier();
  ~HistoryVerifier();

  // A head that was kept earlier: the history must go through it.
  void Expect(VerifiedHead known);
  // The next event. Errors: DATA_LOSS, which names the first event that is wrong, missing or moved.
  absl::Status Add(const ExportedEvent& event);
  // After the last one. Errors: DATA_LOSS if this is not the history that the head was signed for.
  absl::Status Finish(const VerifiedHead& head) const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

// That the event of this record is at this place in the history of the head. Errors: DATA_LOSS.
absl::Status VerifyInclusion(absl::string_view record, int64_t sequence, const std::vector<std::string>& path,
                             const VerifiedHead& head);
// The same of an event of which only the leaf is known: it was erased, and its record with it.
absl::Status VerifyLeafInclusion(absl::string_view leaf, int64_t sequence, const std::vector<std::string>& path,
                                 const VerifiedHead& head);
// That the history of one head is the beginning of that of the other. Errors: DATA_LOSS.
absl::Status VerifyBeginning(const VerifiedHead& first, const VerifiedHead& second,
                             const std::vector<std::string>& path);

// The hash of a record, by which the history has it: 32 bytes.
std::string LeafOf(absl::string_view record);

// The fields of a record, by name, in their order; none: NULL. Errors: DATA_LOSS if the bytes are no record.
using RecordFields = std::vector<std::pair<std::string, std::optional<std::string>>>;
absl::StatusOr<RecordFields> ReadRecord(absl::string_view record);
// What an event tells of people, as EventProof has it beside the record, where a digest stands for it: the reason, and
// what the columns were before and after. Errors: DATA_LOSS if it is not what was recorded.
absl::StatusOr<RecordFields> ReadPersonal(absl::string_view record, absl::string_view salt, absl::string_view personal);

}  // namespace lmp::client

#endif  // LMP_HISTORY_PROOF_H_
