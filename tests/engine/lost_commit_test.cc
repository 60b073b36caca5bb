// COMMIT was sent and no answer came: the engine finds out what happened, and the effect is there exactly once.
#include <future>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/domain/refusal.h"
#include "storage/mysql/errors.h"
#include "tests/engine/commit_proxy.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::lmp::testing::CommitProxy;
using ::lmp::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LostCommitTest : public EngineTest, public ::testing::WithParamInterface<CommitProxy::Loss> {
 protected:
  CommitProxy proxy_{schema_.options()};
  storage::Database far_{proxy_.options(), 2};
  std::unique_ptr<WriteEngine> engine_ = NewWriteEngine({.workers = 1}, far_);
};

TEST_P(LostCommitTest, TheProxyDoesWhatItSays) {
  AddCustomers(1);
  proxy_.Lose(GetParam());
  const absl::Status status = far_.Transact(absl::Now() + absl::Seconds(10), [](storage::Connection& connection) {
    return connection.Update("UPDATE customers SET note = 'changed'", {}).status();
  });
  EXPECT_TRUE(storage::IsOutcomeUnknown(status)) << status;
  EXPECT_EQ(Number("SELECT COUNT(*) FROM customers WHERE note = 'changed'"),
            GetParam() == CommitProxy::Loss::kReply ? 1 : 0);
}

TEST_P(LostCommitTest, TheCallSucceedsWithOneEffect) {
  AddCustomers(1);
  proxy_.Lose(GetParam());
  const int64_t events = CountOf("events");
  const Outcome outcome = Start(*engine_, AssignService("customer-1")).get();
  ASSERT_OK(outcome);
  EXPECT_EQ(proxy_.lost(), 1);
  EXPECT_FALSE(outcome->replayed);  // to the caller it was one call
  EXPECT_EQ(CountOf("licenses"), 1);
  EXPECT_EQ(CountOf("events"), events + 2);
  // The answer names what is stored, not what another run would have made.
  EXPECT_THAT(Texts("SELECT CONCAT('customers/customer-1/subscriptions/', subscription_id) FROM subscriptions"),
              ::testing::ElementsAre(ResponseOf<v1::AssignServicePlanResponse>(outcome).subscription().name()));
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_P(LostCommitTest, TwiceInARow) {
  AddCustomers(1);
  proxy_.Lose(GetParam(), 2);
  EXPECT_OK(Start(*engine_, AssignService("customer-1")).get());
  EXPECT_EQ(CountOf("licenses"), 1);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_P(LostCommitTest, EveryCallOfTheBatchGetsItsOwnAnswer) {
  AddCustomers(3);
  Mutation earlier = UpdateNote("customer-3", "earlier");
  Mutation again = UpdateNote("customer-3", "earlier");
  again.request_id = earlier.request_id;
  EXPECT_OK(Run(std::move(earlier)));
  std::vector<std::future<Outcome>> pending;
  {
    Hold hold(*engine_);
    pending.push_back(Start(*engine_, Custom({}, [this, runs = 0](model::World&, const domain::Env&) mutable {
      if (++runs == 1) proxy_.Lose(GetParam());
      return absl::OkStatus();
    })));
    pending.push_back(Start(*engine_, AssignService("customer-1")));
    pending.push_back(Start(*engine_, AssignService("customer-1")));
    pending.push_back(Start(*engine_, UpdateNote("customer-2", "in the batch")));
    pending.push_back(Start(*engine_, std::move(again)));
    pending.push_back(Start(*engine_, AssignService("nobody")));
  }
  std::vector<Outcome> outcomes;
  for (auto& outcome : pending) outcomes.push_back(outcome.get());
  EXPECT_EQ(proxy_.lost(), 1);
  ASSERT_OK(outcomes[0]);
  ASSERT_OK(outcomes[1]);
  EXPECT_EQ(ReasonOf(outcomes[2].status()), "CROSSGRADE_REQUIRED");
  ASSERT_OK(outcomes[3]);
  ASSERT_OK(outcomes[4]);
  EXPECT_EQ(ReasonOf(outcomes[5].status()), "CUSTOMER_NOT_FOUND");
  EXPECT_FALSE(outcomes[1]->replayed);
  EXPECT_FALSE(outcomes[3]->replayed);
  EXPECT_TRUE(outcomes[4]->replayed);  // of an earlier call
  EXPECT_EQ(CountOf("licenses"), 1);
  EXPECT_THAT(Violations(), IsEmpty());
}

TEST_P(LostCommitTest, WhoeverCannotFindOutSaysSo) {
  AddCustomers(1);
  proxy_.Lose(GetParam(), 1000);
  Mutation assign = AssignService("customer-1"), again = assign;
  const absl::Time began = absl::Now();
  const absl::Status status = Start(*engine_, std::move(assign)).get().status();
  EXPECT_LT(absl::Now() - began, absl::Seconds(8));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(status), "OUTCOME_UNKNOWN");
  EXPECT_EQ(domain::RefusalOf(status).metadata.at("request_id"), again.request_id);
  EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat("ask again with request_id ", again.request_id)));
  proxy_.Lose(GetParam(), 0);
  EXPECT_OK(Start(*engine_, std::move(again)).get());  // and the caller's retry finds the truth
  EXPECT_EQ(CountOf("licenses"), 1);
}

// Whose customer another session locks as soon as its COMMIT is lost, for so long.
class LockedThenTest : public LostCommitTest {
 protected:
  absl::Status AssignWhileLocked(absl::Duration deadline, absl::Duration locked, std::string* request_id = nullptr) {
    AddCustomers(1);
    const auto session = schema_.Connect();
    // On a busy machine the commit may come more than our usual second later.
    EXPECT_OK(session->Execute("SET SESSION innodb_lock_wait_timeout = 30"));
    std::future<void> locking;
    Mutation assign = AssignService("customer-1");
    if (request_id != nullptr) *request_id = assign.request_id;
    assign.deadline = absl::Now() + deadline;
    assign.decide = [&, decide = assign.decide, runs = 0](model::World& world, const domain::Env& env) mutable {
      if (++runs == 1) {
        proxy_.Lose(GetParam());
        EXPECT_OK(session->Execute("BEGIN"));
        // It waits for the lock that this very transaction has, and so is the next to have it.
        locking = std::async(std::launch::async, [&session, locked] {
          EXPECT_OK(session->Execute("SELECT 1 FROM customers WHERE customer_id = 'customer-1' FOR UPDATE"));
          absl::SleepFor(locked);
          EXPECT_OK(session->Execute("COMMIT"));
        });
        AwaitLockWaits(1);
      }
      return decide(world, env);
    };
    const absl::Status status = Start(*engine_, std::move(assign)).get().status();
    locking.get();
    EXPECT_EQ(proxy_.lost(), 1);
    return status;
  }
};

// The deadline passes while it is being found out: it is found out all the same.
TEST_P(LockedThenTest, TheDeadlineEndsNoSettling) {
  const absl::Status status = AssignWhileLocked(absl::Milliseconds(800), absl::Milliseconds(1200));
  EXPECT_EQ(status.code(),
            GetParam() == CommitProxy::Loss::kReply ? absl::StatusCode::kOk : absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(CountOf("licenses"), status.ok() ? 1 : 0);
}

TEST_P(LockedThenTest, ACustomerThatStaysLockedTellsNothing) {
  std::string request_id;
  const absl::Status status = AssignWhileLocked(absl::Minutes(1), absl::Seconds(4), &request_id);
  EXPECT_EQ(ReasonOf(status), "OUTCOME_UNKNOWN");
  EXPECT_EQ(domain::RefusalOf(status).metadata.at("request_id"), request_id);
}

INSTANTIATE_TEST_SUITE_P(, LockedThenTest, ::testing::Values(CommitProxy::Loss::kReply, CommitProxy::Loss::kRequest),
                         [](const auto& param) {
                           return param.param == CommitProxy::Loss::kReply ? "ReplyLost" : "RequestLost";
                         });
INSTANTIATE_TEST_SUITE_P(, LostCommitTest, ::testing::Values(CommitProxy::Loss::kReply, CommitProxy::Loss::kRequest),
                         [](const auto& param) {
                           return param.param == CommitProxy::Loss::kReply ? "ReplyLost" : "RequestLost";
                         });

}  // namespace
}  // namespace lmp::engine
