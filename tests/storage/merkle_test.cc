// The tree of hashes against its definition in RFC 9162, 2.1, computed here in the plainest way, and against values
// that everybody knows.
#include "storage/merkle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/sha256.h"

namespace lmp::storage {
namespace {

constexpr int kLeaves = 70;  // over a power of two

std::vector<std::string> Leaves() {
  std::vector<std::string> leaves;
  for (int i = 0; i < kLeaves; ++i) leaves.push_back(Sha256(absl::StrCat("leaf ", i)));
  return leaves;
}

// MTH(D[from:to]).
std::string Root(const std::vector<std::string>& leaves, int from, int to) {
  if (from == to) return Sha256("");
  if (to - from == 1) return LeafNode(leaves[static_cast<size_t>(from)]);
  int split = 1;
  while (2 * split < to - from) split *= 2;
  return InnerNode(Root(leaves, from, from + split), Root(leaves, from + split, to));
}

class MerkleTest : public ::testing::Test {
 protected:
  const std::vector<std::string> leaves_ = Leaves();
  const NodeAt node_ = [this](int level, int64_t place) {
    return Root(leaves_, static_cast<int>(place << level), static_cast<int>((place + 1) << level));
  };
};

TEST_F(MerkleTest, KnownValues) {
  EXPECT_EQ(absl::BytesToHexString(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  // The leaf of an empty entry, as Certificate Transparency's test vectors have it.
  EXPECT_EQ(absl::BytesToHexString(LeafNode("")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

TEST_F(MerkleTest, GrowsToTheRootOfItsDefinition) {
  MerkleFrontier frontier;
  for (int size = 0; size < kLeaves; ++size) {
    EXPECT_EQ(frontier.Root(), Root(leaves_, 0, size)) << size;
    const auto again = MerkleFrontier::Parse(frontier.size(), frontier.Bytes());
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->Root(), frontier.Root());
    int completed = 0;
    frontier.Append(leaves_[static_cast<size_t>(size)], [&](int level, int64_t place, const std::string& node) {
      ++completed;
      EXPECT_EQ(node, node_(level, place));
    });
    EXPECT_GE(completed, 1);
  }
  EXPECT_FALSE(MerkleFrontier::Parse(3, std::string(32, 'x')).has_value());
  EXPECT_FALSE(MerkleFrontier::Parse(-1, "").has_value());
}

TEST_F(MerkleTest, EachLeafIsShownToBeInEachTreeAndNoOtherIs) {
  for (int size = 1; size < kLeaves; ++size) {
    const std::string root = Root(leaves_, 0, size);
    for (int place = 0; place < size; ++place) {
      const std::string& leaf = leaves_[static_cast<size_t>(place)];
      const std::vector<std::string> path = InclusionPath(place, size, node_);
      EXPECT_LE(path.size(), 7u);
      EXPECT_TRUE(IsIncluded(leaf, place, size, path, root)) << place << " of " << size;
      EXPECT_FALSE(IsIncluded(leaves_[static_cast<size_t>(place) + 1], place, size, path, root));
      EXPECT_FALSE(IsIncluded(leaf, place, size, path, Root(leaves_, 0, size + 1)));
      if (size > 1) {
        EXPECT_FALSE(IsIncluded(leaf, (place + 1) % size, size, path, root));
      }
      std::vector<std::string> more = path;
      more.push_back(root);
      EXPECT_FALSE(IsIncluded(leaf, place, size, more, root));
    }
  }
  EXPECT_FALSE(IsIncluded(leaves_[0], 1, 1, {}, Root(leaves_, 0, 1)));
  EXPECT_FALSE(IsIncluded(leaves_[0], -1, 1, {}, Root(leaves_, 0, 1)));
}

TEST_F(MerkleTest, EachTreeIsShownToBeTheBeginningOfEachLaterOne) {
  for (int second = 1; second < kLeaves; ++second) {
    for (int first = 1; first <= second; ++first) {
      const std::vector<std::string> path = ConsistencyPath(first, second, node_);
      const std::string one = Root(leaves_, 0, first), other = Root(leaves_, 0, second);
      EXPECT_TRUE(IsBeginning(first, one, second, other, path)) << first << " of " << second;
      EXPECT_FALSE(IsBeginning(first, Sha256("x"), second, other, path)) << first << " of " << second;
      EXPECT_FALSE(IsBeginning(first, one, second, Sha256("x"), path));
      if (first < second) {
        EXPECT_FALSE(IsBeginning(first + 1, Root(leaves_, 0, first + 1), second, Sha256("x"), path));
      }
      if (path.empty()) continue;
      std::vector<std::string> changed = path;
      changed.back()[0] = static_cast<char>(changed.back()[0] ^ 1);
      EXPECT_FALSE(IsBeginning(first, one, second, other, changed));
      changed.pop_back();
      EXPECT_FALSE(IsBeginning(first, one, second, other, changed));
    }
  }
}

}  // namespace
}  // namespace lmp::storage
