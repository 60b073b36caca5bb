// One request id, one effect and one answer; and validate_only, which has no effect at all.
#include <google/protobuf/util/message_differencer.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/workers/request_expiry.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::lmp::testing::StatusIs;
using ::testing::Contains;
using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kId[] = "123e4567-e89b-42d3-a456-426614174000";

class RequestIdTest : public EngineTest {
 protected:
  static Mutation With(Mutation mutation, const std::string& request_id = kId) {
    mutation.request_id = request_id;
    return mutation;
  }
};

TEST_F(RequestIdTest, ARepeatedRequestGetsTheFirstAnswerAndChangesNothing) {
  AddCustomers(1);
  ASSERT_OK_AND_ASSIGN(const Answer first, Run(With(AssignService("customer-1"))));
  EXPECT_FALSE(first.replayed);
  const auto counts = AllCounts();
  EXPECT_OK(Run(UpdateNote("customer-1", "later")));  // the world goes on, the answer stays
  ASSERT_OK_AND_ASSIGN(const Answer second, Run(With(AssignService("customer-1"))));
  EXPECT_TRUE(second.replayed);
  EXPECT_EQ(second.response, first.response);
  EXPECT_EQ(AllCounts().at("licenses"), counts.at("licenses"));
  EXPECT_EQ(AllCounts().at("events"), counts.at("events") + 1);  // the note's
}

TEST_F(RequestIdTest, AnotherRequestWithTheSameIdIsRefused) {
  AddCustomers(1);
  EXPECT_OK(Run(With(UpdateNote("customer-1", "one"))));
  Mutation other = With(UpdateNote("customer-1", "two"));
  other.fingerprint = FingerprintOf("another request");
  for (Mutation& mutation : std::vector<Mutation>{std::move(other), With(AssignService("customer-1"))}) {
    const Outcome outcome = Run(std::move(mutation));
    EXPECT_THAT(outcome, StatusIs(absl::StatusCode::kAlreadyExists));
    EXPECT_EQ(ReasonOf(outcome.status()), "REQUEST_ID_REUSED");
  }
  EXPECT_THAT(Texts("SELECT note FROM customers"), Each(std::string("one")));
  EXPECT_EQ(CountOf("licenses"), 0);
}

TEST_F(RequestIdTest, AnotherMethodWithTheSameFingerprintIsRefusedToo) {
  AddCustomers(1);
  Mutation update = With(UpdateNote("customer-1", "one"));
  Mutation assign = With(AssignService("customer-1"));
  assign.fingerprint = update.fingerprint;
  EXPECT_OK(Run(std::move(update)));
  EXPECT_EQ(ReasonOf(Run(std::move(assign)).status()), "REQUEST_ID_REUSED");
}

TEST_F(RequestIdTest, TheIdBelongsToItsCaller) {
  AddCustomers(2);
  Mutation first = With(AssignService("customer-1")), second = With(AssignService("customer-2"));
  first.caller.actor = "anna";
  second.caller.actor = "Anna";
  EXPECT_OK(Run(std::move(first)));
  ASSERT_OK_AND_ASSIGN(const Answer answer, Run(std::move(second)));
  EXPECT_FALSE(answer.replayed);
  EXPECT_EQ(CountOf("licenses"), 2);
}

TEST_F(RequestIdTest, ARefusalIsNotKept) {
  EXPECT_THAT(Run(With(AssignService("customer-1"))), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Texts("SELECT request_id FROM requests"), Not(Contains(kId)));
  AddCustomers(1);
  ASSERT_OK_AND_ASSIGN(const Answer answer, Run(With(AssignService("customer-1"))));
  EXPECT_FALSE(answer.replayed);
}

TEST_F(RequestIdTest, TheSameIdTwiceInOneBatchHasOneEffect) {
  AddCustomers(1);
  const auto engine = NewWriteEngine({.workers = 1});
  std::vector<std::future<Outcome>> pending;
  {
    Hold hold(*engine);
    for (int i = 0; i < 3; ++i) pending.push_back(Start(*engine, With(AssignService("customer-1"))));
  }
  ASSERT_OK_AND_ASSIGN(const Answer first, pending[0].get());
  EXPECT_FALSE(first.replayed);
  for (size_t i : {1U, 2U}) {
    ASSERT_OK_AND_ASSIGN(const Answer again, pending[i].get());
    EXPECT_TRUE(again.replayed);
    EXPECT_EQ(again.response, first.response);
  }
  EXPECT_EQ(CountOf("licenses"), 1);
}

class FiftyAtOnce : public RequestIdTest, public ::testing::WithParamInterface<size_t> {
 protected:
  // Submits 50 copies of what `make` makes at once, with one request id, through workers that take `GetParam()` at a
  // time.
  void Check(const std::function<Mutation()>& make) {
    const auto engine = NewWriteEngine({.workers = 4, .max_batch = GetParam()});
    std::vector<Mutation> copies;
    for (int i = 0; i < 50; ++i) copies.push_back(With(make()));
    const int64_t events = CountOf("events");
    const std::vector<Outcome> outcomes = RunInParallel(*engine, std::move(copies));
    int replayed = 0;
    for (const Outcome& outcome : outcomes) {
      ASSERT_OK(outcome);
      EXPECT_EQ(outcome->response, outcomes[0]->response);
      replayed += outcome->replayed ? 1 : 0;
    }
    EXPECT_EQ(replayed, 49);
    events_ = CountOf("events") - events;
    EXPECT_EQ(Number(absl::StrCat("SELECT COUNT(*) FROM requests WHERE request_id = '", kId, "'")), 1);
    EXPECT_THAT(Violations(), IsEmpty());
  }
  int64_t events_ = 0;
};

// No row to lock: only the request's own row decides. Two copies at least are decided before either is stored.
TEST_P(FiftyAtOnce, MakeOneCustomer) {
  absl::Mutex mutex;
  int deciding = 0;
  Check([&] {
    Mutation create = CreateCustomer(SomeCustomer(""));  // an id each, made by the server
    create.decide = [&, decide = create.decide](model::World& world, const domain::Env& env) {
      absl::MutexLock lock(&mutex);
      ++deciding;
      const auto two = [&deciding] { return deciding >= 2; };
      EXPECT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&two), absl::Seconds(10)));
      return decide(world, env);
    };
    return create;
  });
  EXPECT_EQ(CountOf("customers"), 1);
  EXPECT_EQ(events_, 1);
}

TEST_P(FiftyAtOnce, AssignOnce) {
  AddCustomers(1);
  Check([] { return AssignService("customer-1"); });
  EXPECT_EQ(CountOf("licenses"), 1);
  EXPECT_EQ(events_, 2);
}

INSTANTIATE_TEST_SUITE_P(InBatchesOf, FiftyAtOnce, ::testing::Values(1, 5, 32));

// Makes what differs between two runs equal: ids, codes and times.
std::string WithoutIds(v1::AssignServicePlanResponse response) {
  const auto clear = [](v1::Subscription* subscription) {
    subscription->clear_name();
    subscription->clear_replaced_by();
    for (v1::License& license : *subscription->mutable_licenses()) {
      license.clear_name();
      license.clear_subscription();
      license.clear_activation_code();
    }
  };
  clear(response.mutable_subscription());
  for (v1::Subscription& subscription : *response.mutable_replaced_subscriptions()) clear(&subscription);
  for (v1::CrossgradeOutcome& outcome : *response.mutable_crossgrade_outcomes()) {
    outcome.mutable_after()->clear_subscription();
  }
  response.clear_changes();
  response.clear_preview_token();
  return response.DebugString();
}

using ValidateOnlyTest = EngineTest;

TEST_F(ValidateOnlyTest, StoresNothingAndSaysWhatTheLiveCallThenDoes) {
  AddPool(kService, 100);
  AddCustomers(1);
  EXPECT_OK(Run(AssignService("customer-1")));
  const auto counts = AllCounts();
  Mutation dry = Assign("customer-1", kSuitePlan, kSuiteUnits, domain::CrossgradeMode::kAutomatic, Mode::kValidateOnly);
  const std::string dry_id = dry.request_id;
  const Outcome preview = Run(std::move(dry));
  ASSERT_OK(preview);
  EXPECT_EQ(AllCounts(), counts);
  EXPECT_THAT(Texts("SELECT request_id FROM requests"), Not(Contains(dry_id)));
  EXPECT_EQ(Number("SELECT assigned FROM license_pools"), 1);

  const Outcome live = Run(Assign("customer-1", kSuitePlan, kSuiteUnits, domain::CrossgradeMode::kAutomatic));
  ASSERT_OK(live);
  const auto shown = ResponseOf<v1::AssignServicePlanResponse>(preview);
  const auto done = ResponseOf<v1::AssignServicePlanResponse>(live);
  EXPECT_EQ(WithoutIds(shown), WithoutIds(done));
  EXPECT_EQ(done.changes_size(), 0);
  // One change for each event that the live call wrote: two subscriptions, three licenses, one pool.
  EXPECT_EQ(shown.changes_size(), CountOf("events") - counts.at("events"));
  EXPECT_EQ(shown.changes_size(), 6);
}

TEST_F(ValidateOnlyTest, IsRefusedAsTheLiveCallIs) {
  AddCustomers(1);
  EXPECT_OK(Run(AssignService("customer-1")));
  const auto refused = [&](Mode mode) {
    return Run(Assign("customer-1", kSuitePlan, kSuiteUnits, domain::CrossgradeMode::kReject, mode)).status();
  };
  EXPECT_THAT(refused(Mode::kValidateOnly), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(refused(Mode::kValidateOnly), refused(Mode::kLive));
}

TEST_F(ValidateOnlyTest, LeavesNothingToTheNextCommandOfItsBatch) {
  AddCustomers(1);
  const auto engine = NewWriteEngine({.workers = 1});
  std::vector<std::future<Outcome>> pending;
  {
    Hold hold(*engine);
    pending.push_back(Start(*engine, Assign("customer-1", kServicePlan, {{kService, 1}},
                                            domain::CrossgradeMode::kReject, Mode::kValidateOnly)));
    pending.push_back(Start(*engine, AssignService("customer-1")));
  }
  for (auto& outcome : pending) EXPECT_OK(outcome.get());
  EXPECT_EQ(CountOf("licenses"), 1);
}

TEST_F(ValidateOnlyTest, DoesNotReplayAnAnswer) {
  AddCustomers(1);
  Mutation live = AssignService("customer-1");
  Mutation dry =
      Assign("customer-1", kServicePlan, {{kService, 1}}, domain::CrossgradeMode::kReject, Mode::kValidateOnly);
  dry.request_id = live.request_id;
  EXPECT_OK(Run(std::move(live)));
  EXPECT_EQ(ReasonOf(Run(std::move(dry)).status()), "CROSSGRADE_REQUIRED");
}

TEST_F(RequestIdTest, IsForgottenAfterItsDaysAndNotBefore) {
  AddCustomers(1);
  ASSERT_OK_AND_ASSIGN(const Answer first, Run(With(UpdateNote("customer-1", "old"))));
  server::RequestExpiry expiry(database_, absl::Hours(24 * 7), [this] { return Now(); });
  SetNow(kNow + absl::Hours(24 * 7));
  EXPECT_OK(Run(With(UpdateNote("customer-1", "young"), "123e4567-e89b-42d3-a456-426614174001")));
  EXPECT_EQ(*expiry.RunOnce(), 0);
  ASSERT_OK_AND_ASSIGN(const Answer replayed, Run(With(UpdateNote("customer-1", "old"))));
  EXPECT_TRUE(replayed.replayed);
  SetNow(kNow + absl::Hours(24 * 7) + absl::Minutes(1));
  const int64_t old = CountOf("requests") - 1;  // those of the customer's making too
  EXPECT_EQ(*expiry.RunOnce(), old);
  EXPECT_EQ(CountOf("requests"), 1);
  ASSERT_OK_AND_ASSIGN(const Answer anew, Run(With(UpdateNote("customer-1", "old"))));
  EXPECT_FALSE(anew.replayed);
}

TEST_F(RequestIdTest, ThousandsAreForgottenBitByBit) {
  // More than three transactions' worth.
  EXPECT_OK(
      admin_->Execute("INSERT INTO requests (caller, request_id, method, fingerprint, response, create_time) "
                      "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900) "
                      "SELECT CONCAT('caller-', b.i), a.i, 'M', REPEAT('x', 32), '', '2020-01-01' FROM n AS a JOIN n "
                      "AS b ON b.i <= 2"));
  AddCustomers(1);
  const int64_t young = CountOf("requests") - 1800;
  server::RequestExpiry expiry(database_, absl::Hours(24 * 7), [this] { return Now(); });
  EXPECT_EQ(*expiry.RunOnce(), 1800);
  EXPECT_EQ(CountOf("requests"), young);
}

}  // namespace
}  // namespace lmp::engine
