// The tree of hashes over the history (RFC 9162, section 2.1): with it one event is shown to be in a history of
// millions by some twenty hashes, and an earlier history to be the beginning of a later one by as many.
//
//   node over one leaf     = SHA-256(0x00 ‖ leaf)
//   node over two subtrees = SHA-256(0x01 ‖ left ‖ right)
//
// The leaves are those of history_chain.h, of sequence n at place n - 1. The tree of n leaves is that of the largest
// power of two below n at the left, and of the rest at the right. Pure functions, which the client library has inside,
// too: nothing here but bytes.
#ifndef LMP_STORAGE_MERKLE_H_
#define LMP_STORAGE_MERKLE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace lmp::storage {

// 32 bytes.
std::string LeafNode(absl::string_view leaf);
std::string InnerNode(absl::string_view left, absl::string_view right);

// A tree that grows at its right end: of each power of two in its size, the node over that many leaves.
class MerkleFrontier final {
 public:
  // As Bytes() wrote it. None if that is no tree of this size.
  static std::optional<MerkleFrontier> Parse(int64_t size, absl::string_view bytes);

  // A node that is complete from now on: over the 2^level leaves from place * 2^level on.
  using Completed = std::function<void(int level, int64_t place, const std::string& node)>;
  void Append(absl::string_view leaf, const Completed& completed = nullptr);

  int64_t size() const { return size_; }
  // The hash of an empty tree is that of no bytes.
  std::string Root() const;
  std::string Bytes() const;

 private:
  int64_t size_ = 0;
  std::vector<std::string> nodes_;  // the largest first
};

// The node over 2^level leaves from place * 2^level on; called for complete ones only. Whatever it fails with ends the
// proof: then it returns an empty text.
using NodeAt = std::function<std::string(int level, int64_t place)>;

// The hashes that show that a leaf (by its place from 0) is in the tree of this size. 0 <= place < size.
std::vector<std::string> InclusionPath(int64_t place, int64_t size, const NodeAt& node);
// The hashes that show that the tree of `first` leaves is the beginning of that of `second`. 0 < first <= second.
std::vector<std::string> ConsistencyPath(int64_t first, int64_t second, const NodeAt& node);

// Whether they do.
bool IsIncluded(absl::string_view leaf, int64_t place, int64_t size, const std::vector<std::string>& path,
                absl::string_view root);
bool IsBeginning(int64_t first, absl::string_view first_root, int64_t second, absl::string_view second_root,
                 const std::vector<std::string>& path);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MERKLE_H_
