// What a filter gives an index to do: little, the same few statements whatever is asked, and nothing the database can't
// compare.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/wire/read_options.h"
#include "tests/support/status_matchers.h"

namespace lmp::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class IndexedTest : public ::testing::Test {
 protected:
  // Whether anything can match; the query is in query_.
  bool Add(const std::string& filter) {
    query_ = {};
    const absl::StatusOr<Filter> parsed = Filter::Parse(*v1::License::descriptor(), filter);
    EXPECT_OK(parsed);
    const std::vector<IndexedField> orders = {{"expiration_date", "expiration_date"}};
    return AddIndexed(
        *parsed, {{"product", "product_id", "products"}, {"activation_code", "code"}}, {&orders[0], false},
        [](const IndexedField&) { return true; }, &query_);
  }
  std::vector<std::string> Bounds() const {
    std::vector<std::string> bounds;
    for (const auto& bound : query_.bounds) bounds.push_back(absl::StrCat(bound.column, bound.op, bound.value));
    return bounds;
  }

  storage::PageQuery query_;
};

TEST_F(IndexedTest, ANameLeadsToItsId) {
  EXPECT_TRUE(Add(R"(product = "products/cas")"));
  EXPECT_THAT(query_.equals, ElementsAre(Pair("product_id", "cas")));
}

TEST_F(IndexedTest, ANameThatIsNoneMatchesNothing) {
  for (const char* name :
       {"products/é", "products/", "products/CAS", "products/a b", "customers/cas", "cas", "products/-"}) {
    EXPECT_FALSE(Add(absl::StrCat("product = \"", name, "\""))) << name;
    EXPECT_THAT(query_.equals, IsEmpty());
  }
}

TEST_F(IndexedTest, OneColumnHasOneValue) {
  EXPECT_TRUE(Add(R"(activation_code = "A" AND activation_code = "A")"));
  EXPECT_THAT(query_.equals, ElementsAre(Pair("code", "A")));
  EXPECT_FALSE(Add(R"(activation_code = "A" AND activation_code = "B")"));
}

TEST_F(IndexedTest, OneBoundBelowAndOneAbove) {
  EXPECT_TRUE(
      Add("expiration_date > 2027-01-01 AND expiration_date >= 2027-01-01 AND expiration_date > 2027-03-31 AND "
          "expiration_date < 2028-01-01 AND expiration_date <= 2028-06-01 AND expiration_date < 2027-12-01"));
  EXPECT_THAT(Bounds(), ElementsAre("expiration_date>=2027-04-01", "expiration_date<=2027-11-30"));
  EXPECT_TRUE(Add("expiration_date < 2028-01-01"));
  EXPECT_THAT(Bounds(), ElementsAre("expiration_date<=2027-12-31"));
  EXPECT_TRUE(Add("expiration_date = 2028-01-01 AND expiration_date > 2027-01-01"));
  EXPECT_THAT(Bounds(), ElementsAre("expiration_date=2028-01-01"));
  EXPECT_TRUE(Add("expiration_date != 2028-01-01"));
  EXPECT_THAT(Bounds(), IsEmpty());
}

TEST_F(IndexedTest, BoundsThatLeaveNoDayMatchNothing) {
  EXPECT_FALSE(Add("expiration_date > 2027-01-01 AND expiration_date < 2027-01-02"));
  EXPECT_FALSE(Add("expiration_date = 2027-01-01 AND expiration_date = 2027-01-02"));
  EXPECT_FALSE(Add("expiration_date < 0001-01-01"));
  EXPECT_FALSE(Add("expiration_date > 9999-12-31"));
  EXPECT_TRUE(Add("expiration_date > 0001-01-01 AND expiration_date < 9999-12-31"));
}

}  // namespace
}  // namespace lmp::wire
