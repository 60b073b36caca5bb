// What a customer no longer has is not read for its next command, unless that names it: a long past costs nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/lookup.h"
#include "server/domain/subscription/batch.h"
#include "server/domain/subscription/verbs.h"
#include "storage/world_store.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::UnorderedElementsAre;

class PastTest : public EngineTest {
 protected:
  // A customer with one subscription that ended in a crossgrade and one that runs.
  PastTest() {
    AddCustomers(1);
    EXPECT_THAT(Run(AssignService("customer-1")), IsOk());
    EXPECT_THAT(Run(AssignService("customer-1", domain::CrossgradeMode::kAutomatic)), IsOk());
    ended_ = Texts("SELECT subscription_id FROM subscriptions WHERE state = 'DISABLED'").at(0);
    running_ = Texts("SELECT subscription_id FROM subscriptions WHERE state = 'ACTIVE'").at(0);
  }

  std::vector<std::string> SubscriptionsIn(const model::Footprint& footprint) {
    std::vector<std::string> ids;
    EXPECT_THAT(Run(Custom(footprint,
                           [&](model::World& world, const domain::Env&) {
                             for (const auto& [key, subscription] : world.subscriptions) ids.push_back(key.second);
                             return absl::OkStatus();
                           })),
                IsOk());
    return ids;
  }
  static v1::CancelSubscriptionRequest Cancel(const std::string& id, const std::string& etag = "") {
    return CancelOf("customer-1", id, etag);
  }

  std::string ended_, running_;
};

TEST_F(PastTest, AWriterGetsTheSubscriptionsThatRunAndThoseThatItNames) {
  EXPECT_THAT(SubscriptionsIn({.customers = {"customer-1"}}), ElementsAre(running_));
  EXPECT_THAT(SubscriptionsIn({.customers = {"customer-1"}, .subscriptions = {{"customer-1", ended_}}}),
              UnorderedElementsAre(ended_, running_));
  EXPECT_THAT(SubscriptionsIn({.customers = {"customer-1"}, .subscriptions = {{"customer-1", "never-was"}}}),
              ElementsAre(running_));
}

TEST_F(PastTest, OnlyAReaderLoadsThemAll) {
  const auto loaded = [&](storage::Locking locking) {
    const auto world = LoadWorld(*admin_, {.customers = {"customer-1"}}, locking, cache_);
    EXPECT_THAT(world, IsOk());
    return world.ok() ? world->subscriptions.size() : 0;
  };
  EXPECT_EQ(loaded(storage::Locking::kNone), 2U);
  EXPECT_EQ(loaded(storage::Locking::kWrite), 1U);
}

TEST_F(PastTest, AVerbOfAnEndedSubscriptionSaysThatItHasEnded) {
  EXPECT_EQ(ReasonOf(Run(Cancel(ended_)).status()), "WRONG_STATE");
  EXPECT_EQ(ReasonOf(Run(Cancel(ended_, "stale")).status()), "ETAG_MISMATCH");
  EXPECT_EQ(ReasonOf(Run(Cancel("never-was")).status()), "SUBSCRIPTION_NOT_FOUND");
}

TEST_F(PastTest, ABatchOfNamedSubscriptionsKnowsAnEndedOne) {
  v1::BatchUpdateSubscriptionsRequest request;
  request.set_parent("customers/customer-1");
  for (const std::string& id : {running_, ended_})
    request.add_subscriptions(domain::SubscriptionName("customer-1", id));
  request.mutable_cancel();
  const Outcome outcome = Run(request);
  EXPECT_EQ(ReasonOf(outcome.status()), "WRONG_STATE");
  EXPECT_THAT(std::string(outcome.status().message()), HasSubstr(ended_));
}

// The batch's own world still has what an earlier command of it ended.
TEST_F(PastTest, ItMakesNoDifferenceWhetherItEndedInTheSameBatch) {
  std::vector<std::string> seen;
  std::vector<Outcome> outcomes;
  {
    const auto engine = NewWriteEngine({.workers = 1});
    Hold hold(*engine);
    auto canceled = Start(*engine, MutationOf(Cancel(running_)));
    auto looked = Start(*engine, Custom({.customers = {"customer-1"}}, [&](model::World& world, const domain::Env&) {
      for (const auto& [key, subscription] : world.subscriptions) seen.push_back(key.second);
      return absl::OkStatus();
    }));
    hold.Release();
    EXPECT_THAT(canceled.get(), IsOk());
    EXPECT_THAT(looked.get(), IsOk());
  }
  EXPECT_THAT(seen, IsEmpty());
  EXPECT_THAT(Violations(), IsEmpty());
}

}  // namespace
}  // namespace lmp::engine
