#include "storage/history_tree.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/event_sequence.h"
#include "storage/history_chain.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr int kStoredLevel = 8;  // and above: a row for 128 events, and at most 256 leaves to read for what is below
constexpr int64_t kBlock = int64_t{1} << kStoredLevel;
static_assert(kBlock == kTreeBlock);
constexpr int kBehindAtOnce = 2000;  // events of before, in one transaction
constexpr size_t kMaxNodesPerInsert = 100;

constexpr char kLoad[] = "SELECT tree_size, tree FROM history_head WHERE id = 1";
constexpr char kStore[] = "UPDATE history_head SET tree_size = ?, tree = UNHEX(?) WHERE id = 1";
constexpr char kNode[] = "SELECT node FROM history_nodes WHERE level = ? AND place = ?";
constexpr char kAllNodes[] = "SELECT level, place, node FROM history_nodes ORDER BY level, place";

struct Node {
  int level = 0;
  int64_t place = 0;
  std::string hash;
};

absl::Status InsertNodes(Connection& connection, const std::vector<Node>& nodes) {
  for (size_t from = 0; from < nodes.size(); from += kMaxNodesPerInsert) {
    std::string sql = "INSERT INTO history_nodes (level, place, node) VALUES ";
    std::vector<Value> params;
    for (size_t i = from; i < std::min(nodes.size(), from + kMaxNodesPerInsert); ++i) {
      absl::StrAppend(&sql, i == from ? "" : ", ", "(?, ?, UNHEX(?))");
      params.emplace_back(int64_t{nodes[i].level});
      params.emplace_back(nodes[i].place);
      params.emplace_back(absl::BytesToHexString(nodes[i].hash));
    }
    RETURN_IF_ERROR(connection.Update(sql, params).status());
  }
  return absl::OkStatus();
}

// The leaves of sequences from `after` + 1 on, at most `limit`. Errors: those of the connection; DATA_LOSS for a gap.
absl::StatusOr<std::vector<std::string>> LoadLeaves(Connection& connection, int64_t after, int64_t before, int limit) {
  ASSIGN_OR_RETURN(const auto events, LoadBySequence(connection, {.after = after, .before = before, .limit = limit}));
  std::vector<std::string> leaves;
  for (const model::Event& event : events) {
    if (event.sequence != after + static_cast<int64_t>(leaves.size()) + 1)
      return absl::DataLossError(absl::StrCat("the history has no event ", after + std::ssize(leaves) + 1));
    leaves.push_back(LeafOf(event));
  }
  return leaves;
}

// Finds complete nodes: stored ones by their key, those below from the leaves of their block.
class Nodes final {
 public:
  explicit Nodes(Connection& connection) : connection_(connection) {}

  std::string At(int level, int64_t place) {
    if (!status_.ok()) return "";
    absl::StatusOr<std::string> node = level >= kStoredLevel ? Stored(level, place) : FromLeaves(level, place);
    if (node.ok()) return *std::move(node);
    status_ = node.status();
    return "";
  }
  const absl::Status& status() const { return status_; }

 private:
  absl::StatusOr<std::string> Stored(int level, int64_t place) {
    ASSIGN_OR_RETURN(const auto rows, connection_.Query(kNode, {int64_t{level}, place}));
    if (!rows->Next()) {
      RETURN_IF_ERROR(rows->status());
      return absl::DataLossError("a node of the history's tree is gone");
    }
    std::string node = rows->String(0);
    RETURN_IF_ERROR(rows->status());
    return node;
  }

  absl::StatusOr<std::string> FromLeaves(int level, int64_t place) {
    const int64_t first = place << level;
    const int64_t block = first / kBlock;
    if (block != block_) {
      ASSIGN_OR_RETURN(leaves_, LoadLeaves(connection_, block * kBlock, (block + 1) * kBlock + 1, kBlock));
      block_ = block;
    }
    const int64_t in_block = first - block * kBlock, count = int64_t{1} << level;
    if (in_block + count > std::ssize(leaves_)) return absl::DataLossError("the history ends before its tree");
    MerkleFrontier frontier;
    for (int64_t i = in_block; i < in_block + count; ++i) frontier.Append(leaves_[static_cast<size_t>(i)]);
    return frontier.Root();
  }

  Connection& connection_;
  absl::Status status_;
  int64_t block_ = -1;
  std::vector<std::string> leaves_;  // of the block
};

}  // namespace

absl::StatusOr<MerkleFrontier> LoadTree(Connection& connection) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kLoad, {}));
  if (!rows->Next()) {
    RETURN_IF_ERROR(rows->status());
    return absl::DataLossError("the head of the history is gone");
  }
  const auto tree = MerkleFrontier::Parse(rows->Int64(0), rows->String(1));
  RETURN_IF_ERROR(rows->status());
  if (!tree.has_value()) return absl::DataLossError("the tree of the history is none");
  return *tree;
}

absl::StatusOr<bool> ExtendTree(Connection& connection, int64_t head, const std::vector<std::string>& leaves) {
  ASSIGN_OR_RETURN(MerkleFrontier tree, LoadTree(connection));
  const int64_t end = head + std::ssize(leaves);
  if (tree.size() == end) return false;
  if (tree.size() > end) return absl::DataLossError("the tree of the history goes beyond its head");
  std::vector<std::string> before;
  if (tree.size() < head) {
    absl::StatusOr<std::vector<std::string>> loaded = LoadLeaves(connection, tree.size(), head + 1, kBehindAtOnce);
    // A history with a gap has no tree, but goes on; `lmp-server check --history` names the gap.
    if (absl::IsDataLoss(loaded.status())) return false;
    RETURN_IF_ERROR(loaded.status());
    before = *std::move(loaded);
  }
  std::vector<Node> nodes;
  const auto completed = [&nodes](int level, int64_t place, const std::string& node) {
    if (level >= kStoredLevel) nodes.push_back({level, place, node});
  };
  for (const std::string& leaf : before) tree.Append(leaf, completed);
  if (tree.size() == head) {
    for (const std::string& leaf : leaves) tree.Append(leaf, completed);
  }
  RETURN_IF_ERROR(InsertNodes(connection, nodes));
  RETURN_IF_ERROR(connection.Update(kStore, {tree.size(), absl::BytesToHexString(tree.Bytes())}).status());
  return tree.size() < end;
}

absl::StatusOr<std::vector<std::string>> ProveInclusion(Connection& connection, int64_t sequence, int64_t size) {
  Nodes nodes(connection);
  std::vector<std::string> path =
      InclusionPath(sequence - 1, size, [&](int level, int64_t place) { return nodes.At(level, place); });
  RETURN_IF_ERROR(nodes.status());
  return path;
}

absl::StatusOr<std::vector<std::string>> ProveBeginning(Connection& connection, int64_t first, int64_t second) {
  Nodes nodes(connection);
  std::vector<std::string> path =
      ConsistencyPath(first, second, [&](int level, int64_t place) { return nodes.At(level, place); });
  RETURN_IF_ERROR(nodes.status());
  return path;
}

absl::Status TreeCheck::Load(Connection& connection, int64_t base) {
  ASSIGN_OR_RETURN(stored_, LoadTree(connection));
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kAllNodes, {}));
  while (rows->Next()) nodes_[{static_cast<int>(rows->Int64(0)), rows->Int64(1)}] = rows->String(2);
  if (base > 0) Believe(base);
  return rows->status();
}

void TreeCheck::Believe(int64_t base) {
  std::string frontier;
  int64_t from = 0;
  for (int level = 62; level >= kStoredLevel; --level) {
    if ((base >> level & 1) == 0) continue;
    frontier += nodes_[{level, from >> level}];
    from += int64_t{1} << level;
  }
  const auto believed = MerkleFrontier::Parse(base, frontier);
  wrong_ = !believed.has_value() || base % kBlock != 0;
  if (wrong_) return;
  computed_ = *believed;
  std::map<std::pair<int, int64_t>, std::string> beyond;
  for (const auto& [key, node] : nodes_) {
    const auto& [level, place] = key;
    if ((place + 1) << level > base) {
      beyond.emplace(key, node);
    } else if (level > kStoredLevel) {
      wrong_ = wrong_ || node != InnerNode(nodes_[{level - 1, 2 * place}], nodes_[{level - 1, 2 * place + 1}]);
    }
  }
  nodes_ = std::move(beyond);
}

void TreeCheck::Append(const std::string& leaf) {
  if (computed_.size() == stored_.size()) return;  // the rest is yet to be added to what is stored
  computed_.Append(leaf, [this](int level, int64_t place, const std::string& node) {
    if (level < kStoredLevel) return;
    const auto found = nodes_.find({level, place});
    wrong_ = wrong_ || found == nodes_.end() || found->second != node;
    if (found != nodes_.end()) nodes_.erase(found);
  });
}

std::string TreeCheck::Finish() const {
  const bool same = computed_.size() == stored_.size() && computed_.Bytes() == stored_.Bytes();
  return same && !wrong_ && nodes_.empty() ? "" : "the tree of hashes is not that of the events";
}

}  // namespace lmp::storage
