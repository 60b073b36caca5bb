#include "storage/merkle.h"

#include <bit>

#include "absl/strings/str_cat.h"
#include "storage/sha256.h"

namespace lmp::storage {
namespace {

constexpr size_t kNodeBytes = 32;
constexpr int kMaxLevel = 62;

// The largest power of two that is less than `size`, which is at least 2.
int64_t LeftPart(int64_t size) { return static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(size - 1))); }

int Ones(int64_t size) { return std::popcount(static_cast<uint64_t>(size)); }

// The node over the leaves from `from` up to before `to`.
std::string RootOf(int64_t from, int64_t to, const NodeAt& node) {
  const int64_t size = to - from;
  if (std::has_single_bit(static_cast<uint64_t>(size))) {
    const int level = std::countr_zero(static_cast<uint64_t>(size));
    return node(level, from >> level);
  }
  const int64_t split = from + LeftPart(size);
  return InnerNode(RootOf(from, split, node), RootOf(split, to, node));
}

// SUBPROOF of RFC 9162, 2.1.4.1.
void SubProof(int64_t first, int64_t from, int64_t to, bool known, const NodeAt& node, std::vector<std::string>& path) {
  const int64_t size = to - from;
  if (first == size) {
    if (!known) path.push_back(RootOf(from, to, node));
    return;
  }
  const int64_t split = LeftPart(size);
  if (first <= split) {
    SubProof(first, from, from + split, known, node, path);
    path.push_back(RootOf(from + split, to, node));
  } else {
    SubProof(first - split, from + split, to, false, node, path);
    path.push_back(RootOf(from, from + split, node));
  }
}

}  // namespace

std::string LeafNode(absl::string_view leaf) { return Sha256(absl::StrCat(absl::string_view("\0", 1), leaf)); }

std::string InnerNode(absl::string_view left, absl::string_view right) {
  return Sha256(absl::StrCat(absl::string_view("\1", 1), left, right));
}

std::optional<MerkleFrontier> MerkleFrontier::Parse(int64_t size, absl::string_view bytes) {
  if (size < 0 || bytes.size() != static_cast<size_t>(Ones(size)) * kNodeBytes) return std::nullopt;
  MerkleFrontier frontier;
  frontier.size_ = size;
  for (; !bytes.empty(); bytes.remove_prefix(kNodeBytes)) frontier.nodes_.emplace_back(bytes.substr(0, kNodeBytes));
  return frontier;
}

void MerkleFrontier::Append(absl::string_view leaf, const Completed& completed) {
  std::string node = LeafNode(leaf);
  int level = 0;
  if (completed) completed(level, size_, node);
  // As one is added to a binary number: each carry joins two nodes of a size.
  for (; (size_ >> level & 1) != 0; ++level) {
    node = InnerNode(nodes_.back(), node);
    nodes_.pop_back();
    if (completed) completed(level + 1, size_ >> (level + 1), node);
  }
  nodes_.push_back(std::move(node));
  ++size_;
}

std::string MerkleFrontier::Root() const {
  if (nodes_.empty()) return Sha256("");
  std::string root = nodes_.back();
  for (size_t i = nodes_.size() - 1; i-- > 0;) root = InnerNode(nodes_[i], root);
  return root;
}

std::string MerkleFrontier::Bytes() const {
  std::string bytes;
  for (const std::string& node : nodes_) bytes += node;
  return bytes;
}

std::vector<std::string> InclusionPath(int64_t place, int64_t size, const NodeAt& node) {
  std::vector<std::string> from_root;
  for (int64_t from = 0, to = size; to - from > 1;) {
    const int64_t split = from + LeftPart(to - from);
    if (place < split) {
      from_root.push_back(RootOf(split, to, node));
      to = split;
    } else {
      from_root.push_back(RootOf(from, split, node));
      from = split;
    }
  }
  return {from_root.rbegin(), from_root.rend()};
}

std::vector<std::string> ConsistencyPath(int64_t first, int64_t second, const NodeAt& node) {
  std::vector<std::string> path;
  if (first < second) SubProof(first, 0, second, true, node, path);
  return path;
}

// RFC 9162, 2.1.3.2.
bool IsIncluded(absl::string_view leaf, int64_t place, int64_t size, const std::vector<std::string>& path,
                absl::string_view root) {
  if (place < 0 || place >= size || path.size() > kMaxLevel) return false;
  int64_t fn = place, sn = size - 1;
  std::string node = LeafNode(leaf);
  for (const std::string& sibling : path) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      node = InnerNode(sibling, node);
      while ((fn & 1) == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      node = InnerNode(node, sibling);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && node == root;
}

// RFC 9162, 2.1.4.2.
bool IsBeginning(int64_t first, absl::string_view first_root, int64_t second, absl::string_view second_root,
                 const std::vector<std::string>& path) {
  if (first <= 0 || first > second || path.size() > 2 * kMaxLevel) return false;
  if (first == second) return path.empty() && first_root == second_root;
  std::vector<std::string> nodes = path;
  if (std::has_single_bit(static_cast<uint64_t>(first))) nodes.insert(nodes.begin(), std::string(first_root));
  if (nodes.empty()) return false;
  int64_t fn = first - 1, sn = second - 1;
  while ((fn & 1) != 0) fn >>= 1, sn >>= 1;
  std::string fr = nodes[0], sr = nodes[0];
  for (size_t i = 1; i < nodes.size(); ++i) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      fr = InnerNode(nodes[i], fr);
      sr = InnerNode(nodes[i], sr);
      while ((fn & 1) == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      sr = InnerNode(sr, nodes[i]);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && fr == first_root && sr == second_root;
}

}  // namespace lmp::storage
