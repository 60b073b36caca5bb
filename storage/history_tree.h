// The tree of hashes over the history as the database has it, and proofs from it (merkle.h).
#ifndef LMP_STORAGE_HISTORY_TREE_H_
#define LMP_STORAGE_HISTORY_TREE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/merkle.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// Nodes over as many leaves and more are stored: of the history at least these blocks are kept whole or not at all.
inline constexpr int64_t kTreeBlock = 256;

// The tree up to some sequence, which is that of the head but for a history of before schema 13, for a while. Errors:
// those of the connection; DATA_LOSS.
absl::StatusOr<MerkleFrontier> LoadTree(Connection& connection);

// Inside of the transaction that has the head locked and has given numbers from `head` + 1 on to events with these
// leaves: adds them; of a history of before, as many as it can without holding up others. True: the tree is still
// behind. Errors: those of the connection; DATA_LOSS.
absl::StatusOr<bool> ExtendTree(Connection& connection, int64_t head, const std::vector<std::string>& leaves);

// In a snapshot; 1 <= sequence <= size, size at most that of the tree. Errors: those of the connection; DATA_LOSS if an
// event or node that is needed is gone.
absl::StatusOr<std::vector<std::string>> ProveInclusion(Connection& connection, int64_t sequence, int64_t size);
// That the history up to `first` is the beginning of that up to `second`; 1 <= first <= second. Errors: the same.
absl::StatusOr<std::vector<std::string>> ProveBeginning(Connection& connection, int64_t first, int64_t second);

// Compares what is stored of the tree with one that is computed anew from all leaves.
class TreeCheck final {
 public:
  // Reads what is stored. The leaves up to `base`, which ends a block, are not kept: of these the nodes are believed,
  // as far as they agree with each other. Errors: those of the connection; DATA_LOSS.
  absl::Status Load(Connection& connection, int64_t base = 0);
  // The next leaf, from the first that is kept.
  void Append(const std::string& leaf);
  // After all of them: what is wrong, in a sentence; empty if nothing is.
  std::string Finish() const;

 private:
  void Believe(int64_t base);

  std::map<std::pair<int, int64_t>, std::string> nodes_;  // those that are yet to be compared, by level and place
  MerkleFrontier stored_, computed_;
  bool wrong_ = false;
};

}  // namespace lmp::storage

#endif  // LMP_STORAGE_HISTORY_TREE_H_
