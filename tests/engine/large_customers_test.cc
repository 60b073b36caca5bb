// A customer with very much to load is loaded alone: the others of its batch neither wait for that nor make it more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;

class LargeCustomersTest : public EngineTest {
 protected:
  LargeCustomersTest() { AddCustomers(4); }

  // Gives the customer more licenses that have ended, like one that it has.
  void AddEnded(const std::string& customer, int count) {
    EXPECT_THAT(Run(AssignService(customer)), IsOk());
    const auto add = [&](model::World& world, const domain::Env& env) {
      model::License license = world.licenses.begin()->second;
      license.closed = true;
      license.due_date.reset();
      for (int i = 0; i < count; ++i) {
        license.license_id = env.ids.NewId(env.now);
        world.licenses[KeyOf(license)] = license;
      }
      return absl::OkStatus();
    };
    EXPECT_THAT(Run(Custom({.customers = {customer}}, add)), IsOk());
  }
  // Writes to all customers in one batch.
  void WriteToAll(const std::string& note) {
    Hold hold(*one_);
    std::vector<std::future<Outcome>> outcomes;
    for (int i = 1; i <= 4; ++i) outcomes.push_back(Start(*one_, UpdateNote(absl::StrCat("customer-", i), note)));
    hold.Release();
    for (auto& outcome : outcomes) EXPECT_THAT(outcome.get(), IsOk());
  }

  std::unique_ptr<WriteEngine> one_ = NewWriteEngine({.workers = 1});
};

TEST_F(LargeCustomersTest, ABatchLoadsNoMoreThanOneTransactionMay) {
  AddEnded("customer-1", 5'500);
  AddEnded("customer-2", 5'000);
  WriteToAll("one");
  EXPECT_EQ(one_->stats().set_aside_total, 1) << "the largest one comes alone";
  AddEnded("customer-3", 10'500);  // alone more than what may be loaded with others
  WriteToAll("two");
  EXPECT_GE(one_->stats().set_aside_total, 3) << "two of them, and one maybe twice";
  EXPECT_THAT(Texts("SELECT note FROM customers"), ElementsAre("two", "two", "two", "two"));
  EXPECT_THAT(Violations(), IsEmpty());
}

}  // namespace
}  // namespace lmp::engine
