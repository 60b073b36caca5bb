// Reads that wait are loaded together, are fresh, and show a caller only what is its own.
#include <atomic>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/domain/license/license_check.h"
#include "server/domain/lookup.h"
#include "storage/rows/row_page.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::lmp::testing::IsOkAndHolds;
using ::lmp::testing::StatusIs;
using ::testing::ElementsAre;

using Text = absl::StatusOr<std::string>;

Query GetNote(const std::string& customer, const domain::Caller& caller = {}) {
  return {.caller = caller,
          .footprint = {.customers = {customer}},
          .answer = [customer](const model::World& world, const domain::Env& env) -> Text {
            ASSIGN_OR_RETURN(const model::Customer* found, FindCustomer(world, env.caller, customer));
            return found->note;
          }};
}

Query Check(const std::string& customer, const std::string& product, const domain::Caller& caller = {}) {
  return {.caller = caller,
          .footprint = {.license_checks = {{customer, product}}},
          .answer = [customer, product](const model::World& world, const domain::Env& env) -> Text {
            RETURN_IF_ERROR(FindCustomer(world, env.caller, customer).status());
            const domain::LicenseCheck check = domain::CheckLicense(world, customer, product, env.today);
            return absl::StrCat(model::NameOf(check.state), " ", check.units);
          }};
}

class ReadEngineTest : public EngineTest {
 protected:
  // Runs the queries in one batch of an engine with one worker and one connection; `round_trips_` counts theirs.
  std::vector<Text> RunInOneBatch(std::vector<Query> queries) {
    const auto engine = NewReadEngine({.workers = 1}, single_);
    std::vector<std::future<Text>> pending;
    absl::Notification holds, go_on;
    int64_t before = 0, after = 0;
    auto held = Start(*engine, {.list = [&](storage::Connection& connection, const domain::Env&) {
      before = connection.round_trips();
      holds.Notify();
      go_on.WaitForNotification();
      return "held";
    }});
    holds.WaitForNotification();
    for (Query& query : queries) pending.push_back(Start(*engine, std::move(query)));
    go_on.Notify();
    EXPECT_OK(held.get());
    std::vector<Text> answers;
    for (auto& answer : pending) answers.push_back(answer.get());
    engine->Stop();
    after = RoundTrips(single_);
    round_trips_ = after - before - 1;  // but the ROLLBACK that ends the held one's snapshot
    return answers;
  }

  storage::Database single_{schema_.options(), 1};
  int64_t round_trips_ = 0;
};

// Two to begin a snapshot · catalog version, customers, subscriptions, licenses · ROLLBACK.
constexpr int64_t kRoundTripsOfGets = 7;

TEST_F(ReadEngineTest, ManyGetsShareOneSnapshotAndItsStatements) {
  const std::vector<std::string> customers = AddCustomers(20);
  for (const std::string& customer : customers) EXPECT_OK(Run(UpdateNote(customer, "note of " + customer)));
  const auto gets = [&](size_t count) {
    std::vector<Query> queries;
    for (size_t i = 0; i < count; ++i) queries.push_back(GetNote(customers[i]));
    return queries;
  };
  for (const size_t count : {1U, 20U}) {
    RunInOneBatch(gets(count));  // prepares
    const std::vector<Text> notes = RunInOneBatch(gets(count));
    for (size_t i = 0; i < count; ++i) EXPECT_THAT(notes[i], IsOkAndHolds("note of " + customers[i]));
    std::cout << "round trips of " << count << " Gets: " << round_trips_ << std::endl;
    EXPECT_EQ(round_trips_, kRoundTripsOfGets);
  }
}

TEST_F(ReadEngineTest, ManyLicenseChecksAreOneStatement) {
  const std::vector<std::string> customers = AddCustomers(20);
  for (const std::string& customer : customers) EXPECT_OK(Run(AssignService(customer)));
  const auto checks = [&] {
    std::vector<Query> queries;
    for (const std::string& customer : customers) queries.push_back(Check(customer, kService));
    return queries;
  };
  RunInOneBatch(checks());
  for (const Text& answer : RunInOneBatch(checks())) EXPECT_THAT(answer, IsOkAndHolds(std::string("ACTIVE 1")));
  std::cout << "round trips of 20 CheckLicense: " << round_trips_ << std::endl;
  EXPECT_EQ(round_trips_, 1);
}

TEST_F(ReadEngineTest, OnlyChecksThatFindNoLicenseNeedMoreStatements) {
  AddCustomers(2);
  EXPECT_OK(Run(AssignService("customer-1")));
  const auto checks = [] {
    return std::vector<Query>{Check("customer-1", kService), Check("customer-1", "endpoint-encryption"),
                              Check("customer-2", kService), Check("nobody", kService)};
  };
  RunInOneBatch(checks());
  EXPECT_THAT(RunInOneBatch(checks()),
              ElementsAre(IsOkAndHolds(std::string("ACTIVE 1")), IsOkAndHolds(std::string("STATE_UNSPECIFIED 0")),
                          IsOkAndHolds(std::string("STATE_UNSPECIFIED 0")), StatusIs(absl::StatusCode::kNotFound)));
  EXPECT_EQ(round_trips_, 3);  // what has ended, and who has had nothing
}

TEST_F(ReadEngineTest, GetsAndLicenseChecksMayMeetInOneBatch) {
  AddCustomers(2);
  EXPECT_OK(Run(AssignService("customer-1")));
  EXPECT_OK(Run(UpdateNote("customer-2", "two")));
  EXPECT_THAT(RunInOneBatch({Check("customer-1", kService), GetNote("customer-2"), Check("customer-2", kService)}),
              ElementsAre(IsOkAndHolds(std::string("ACTIVE 1")), IsOkAndHolds(std::string("two")),
                          IsOkAndHolds(std::string("STATE_UNSPECIFIED 0"))));
}

TEST_F(ReadEngineTest, UnknownCustomersAreNotFoundBesideKnownOnes) {
  AddCustomers(1);
  const std::vector<Text> answers = RunInOneBatch({GetNote("nobody"), GetNote("customer-1"), GetNote("Customer-1")});
  EXPECT_THAT(answers, ElementsAre(StatusIs(absl::StatusCode::kNotFound), IsOkAndHolds(std::string()),
                                   StatusIs(absl::StatusCode::kNotFound)));
  EXPECT_EQ(ReasonOf(answers[0].status()), "CUSTOMER_NOT_FOUND");
}

TEST_F(ReadEngineTest, AnAnswerThatThrowsHarmsNoNeighbour) {
  AddCustomers(1);
  Query poison = GetNote("customer-1");
  poison.answer = [](const model::World&, const domain::Env&) -> Text { throw std::runtime_error("a bug"); };
  std::vector<Query> queries;
  queries.push_back(GetNote("customer-1"));
  queries.push_back(std::move(poison));
  queries.push_back(GetNote("customer-1"));
  EXPECT_THAT(
      RunInOneBatch(std::move(queries)),
      ElementsAre(IsOkAndHolds(std::string()), StatusIs(absl::StatusCode::kInternal), IsOkAndHolds(std::string())));
}

// A map that is none, put there behind the engine's back.
TEST_F(ReadEngineTest, ARowThatCannotBeReadHarmsNoNeighbour) {
  AddCustomers(3);
  EXPECT_OK(Run(AssignService("customer-2")));
  EXPECT_OK(admin_->Execute("UPDATE customers SET annotations = '[1]' WHERE customer_id = 'customer-2'"));
  EXPECT_THAT(
      RunInOneBatch({GetNote("customer-1"), GetNote("customer-2"), GetNote("customer-3")}),
      ElementsAre(IsOkAndHolds(std::string()), StatusIs(absl::StatusCode::kDataLoss), IsOkAndHolds(std::string())));
}

TEST_F(ReadEngineTest, PairsThatAreAskedForTwiceAreReadOnce) {
  AddCustomers(1);
  EXPECT_OK(Run(AssignService("customer-1")));
  const auto rows_of = [&](int times) {
    std::vector<Query> queries;
    for (int i = 0; i < 2; ++i) {
      Query query = Check("customer-1", kService);
      query.footprint.license_checks.assign(static_cast<size_t>(times), {"customer-1", kService});
      queries.push_back(std::move(query));
    }
    RunInOneBatch(queries);
    const int64_t before = ServerStatus("Rows_sent");
    for (const Text& answer : RunInOneBatch(queries)) EXPECT_THAT(answer, IsOkAndHolds(std::string("ACTIVE 1")));
    return ServerStatus("Rows_sent") - before;
  };
  EXPECT_EQ(rows_of(1000), rows_of(1));
}

TEST_F(ReadEngineTest, ACallThatIsGoneStopsAtItsNextStatement) {
  const auto engine = NewReadEngine({.workers = 1});
  std::atomic<bool> gone = false;
  int statements = 0;
  const Text answer = Start(*engine, {.gone = [&] { return gone.load(); },
                                      .list = [&](storage::Connection& connection, const domain::Env&) -> Text {
                                        for (;; ++statements) {
                                          RETURN_IF_ERROR(connection.Query("SELECT 1", {}).status());
                                          gone = statements == 2;
                                        }
                                      }})
                          .get();
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(statements, 3);
}

TEST_F(ReadEngineTest, AReadWhoseDeadlinePassedIsNotRun) {
  AddCustomers(1);
  Query late = GetNote("customer-1");
  late.deadline = absl::Now() - absl::Seconds(1);
  std::vector<Query> queries;
  queries.push_back(std::move(late));
  queries.push_back(GetNote("customer-1"));
  EXPECT_THAT(RunInOneBatch(std::move(queries)),
              ElementsAre(StatusIs(absl::StatusCode::kDeadlineExceeded), IsOkAndHolds(std::string())));
}

TEST_F(ReadEngineTest, AStoppedEngineRefuses) {
  const auto engine = NewReadEngine({.workers = 1});
  engine->Stop();
  const Text refused = Start(*engine, GetNote("customer-1")).get();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ReasonOf(refused.status()), "SHUTTING_DOWN");
}

// The note counts the licenses; they are in different tables, and always fit together.
TEST_F(ReadEngineTest, WhatIsReadTogetherIsOfOneMoment) {
  AddCustomers(1);
  constexpr int kWrites = 40;
  std::thread writer([this] {
    for (int i = 1; i <= kWrites; ++i) {
      domain::AssignServicePlanCommand command{.customer_id = "customer-1", .service_plan_id = "wfbs-annual"};
      command.units = {{"worry-free-business-security", 5}};
      command.crossgrade = {.mode = domain::CrossgradeMode::kExplicit,
                            .resolutions = {{"worry-free-business-security", domain::Resolution::kNewLicense}}};
      if (i == 1) command.crossgrade = {};
      EXPECT_OK(Run(Custom(command.footprint(), [command](model::World& world, const domain::Env& env) -> absl::Status {
        RETURN_IF_ERROR(domain::AssignServicePlan(world, command, env).status());
        Find(world.customers, "customer-1")->note = absl::StrCat(world.licenses.size());
        return absl::OkStatus();
      })));
    }
  });
  const auto reads = NewReadEngine({.workers = 2});
  for (std::string seen; seen != absl::StrCat(kWrites);) {
    Query query = GetNote("customer-1");
    size_t licenses = 0;
    query.answer = [&](const model::World& world, const domain::Env&) -> Text {
      licenses = world.licenses.size();
      return Find(world.customers, "customer-1")->note;
    };
    const Text note = Start(*reads, std::move(query)).get();
    ASSERT_OK(note);
    EXPECT_EQ(note->empty() ? "0" : *note, absl::StrCat(licenses));
    if (::testing::Test::HasFailure()) break;
    seen = *note;
  }
  writer.join();
}

TEST_F(ReadEngineTest, AReadSeesEveryWriteThatWasAnsweredBefore) {
  AddCustomers(1);
  const auto reads = NewReadEngine({.workers = 2});
  for (int i = 0; i < 50; ++i) {
    EXPECT_OK(Run(UpdateNote("customer-1", absl::StrCat(i))));
    EXPECT_THAT(Start(*reads, GetNote("customer-1")).get(), IsOkAndHolds(absl::StrCat(i)));
  }
}

// distributor is above msp-one and msp-two.
class PartnerScopeTest : public ReadEngineTest {
 protected:
  PartnerScopeTest() {
    for (const char* partner : {"distributor", "msp-one", "msp-two"}) {
      model::Customer customer = SomeCustomer(absl::StrCat("of-", partner));
      customer.partner_id = partner;
      EXPECT_OK(Run(CreateCustomer(customer)));
    }
  }
  static domain::Caller BoundTo(const std::string& partner) { return {.actor = partner, .partner_id = partner}; }
  Outcome RunAs(const std::string& partner, Mutation mutation) {
    mutation.caller = BoundTo(partner);
    return Run(std::move(mutation));
  }
};

TEST_F(PartnerScopeTest, APartnerReadsItsOwnAndADistributorThoseBelow) {
  struct Case {
    const char* caller;
    const char* customer;
    bool may_read;
  };
  std::vector<Query> queries;
  std::vector<Case> cases;
  for (const char* owner : {"of-distributor", "of-msp-one", "of-msp-two"}) {
    cases.push_back({"distributor", owner, true});
    for (const char* msp : {"msp-one", "msp-two"}) cases.push_back({msp, owner, absl::StrCat("of-", msp) == owner});
  }
  for (const Case& c : cases) queries.push_back(GetNote(c.customer, BoundTo(c.caller)));
  for (const Case& c : cases) queries.push_back(Check(c.customer, kService, BoundTo(c.caller)));
  for (size_t half : {0U, 1U}) {
    std::vector<Query> part(queries.begin() + static_cast<std::ptrdiff_t>(half * cases.size()),
                            queries.begin() + static_cast<std::ptrdiff_t>((half + 1) * cases.size()));
    const std::vector<Text> answers = RunInOneBatch(std::move(part));
    for (size_t i = 0; i < cases.size(); ++i) {
      EXPECT_EQ(answers[i].ok(), cases[i].may_read) << cases[i].caller << " reads " << cases[i].customer;
      EXPECT_EQ(ReasonOf(answers[i].status()), cases[i].may_read ? "" : "CUSTOMER_NOT_FOUND");
    }
  }
}

TEST_F(PartnerScopeTest, OnlyTheOwnerAndTheUnboundMayChange) {
  for (const char* stranger : {"distributor", "msp-two"}) {
    const Outcome note = RunAs(stranger, UpdateNote("of-msp-one", "not mine"));
    EXPECT_THAT(note, StatusIs(absl::StatusCode::kNotFound)) << stranger;
    EXPECT_EQ(ReasonOf(note.status()), "CUSTOMER_NOT_FOUND");
    EXPECT_EQ(ReasonOf(RunAs(stranger, AssignService("of-msp-one")).status()), "CUSTOMER_NOT_FOUND");
    model::Customer customer = SomeCustomer("smuggled-in");
    EXPECT_EQ(ReasonOf(RunAs(stranger, CreateCustomer(customer)).status()), "PARTNER_NOT_FOUND");
    EXPECT_EQ(ReasonOf(RunAs(stranger, UpdateGracePeriod(kServicePlan, 60)).status()), "SERVICE_PLAN_NOT_FOUND");
    EXPECT_EQ(ReasonOf(RunAs(stranger, CreatePlan("smuggled-in", "Plan")).status()), "PARTNER_NOT_FOUND");
  }
  EXPECT_OK(RunAs("msp-one", UpdateNote("of-msp-one", "mine")));
  EXPECT_OK(RunAs("msp-one", AssignService("of-msp-one")));
  EXPECT_OK(Run(UpdateNote("of-msp-one", "the administrator's")));
}

TEST_F(PartnerScopeTest, APlanOfAnotherPartnerIsNotFound) {
  EXPECT_EQ(ReasonOf(Run(Assign("of-msp-two", kServicePlan, {{kService, 1}})).status()), "SERVICE_PLAN_NOT_FOUND");
  EXPECT_EQ(ReasonOf(RunAs("msp-two", Assign("of-msp-two", kServicePlan, {{kService, 1}})).status()),
            "SERVICE_PLAN_NOT_FOUND");
}

TEST_F(PartnerScopeTest, ListsShowWhatMayBeRead) {
  const auto list = [this](const std::string& partner) {
    std::string names;
    EXPECT_OK(database_.Snapshot(absl::InfiniteFuture(), [&](storage::Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(const auto page, storage::LoadPage<model::Customer>(connection, {.partner_id = partner}));
      for (const model::Customer& customer : page.rows) absl::StrAppend(&names, customer.customer_id, " ");
      return absl::OkStatus();
    }));
    return names;
  };
  EXPECT_EQ(list(""), "of-distributor of-msp-one of-msp-two ");
  EXPECT_EQ(list("distributor"), "of-distributor of-msp-one of-msp-two ");
  EXPECT_EQ(list("msp-one"), "of-msp-one ");
  EXPECT_EQ(list("nobody"), "");
}

// More than 256 KiB of pairs: the connector sends them in another way, of which Oracle's server made no JSON.
TEST_F(PartnerScopeTest, ManyChecksAtOnce) {
  EXPECT_OK(Run(AssignService("of-msp-one")));
  model::Footprint footprint;
  for (int i = 0; i < 4000; ++i) {
    footprint.license_checks.emplace_back(absl::StrCat("nobody-", std::string(50, 'x'), i), kService);
  }
  footprint.license_checks.emplace_back("of-msp-one", kService);
  const auto reads = NewReadEngine({.workers = 1});
  const Text found = Start(*reads, {.footprint = footprint,
                                    .answer = [](const model::World& world,
                                                 const domain::Env&) { return absl::StrCat(world.licenses.size()); }})
                         .get();
  EXPECT_THAT(found, IsOkAndHolds("1"));
}

}  // namespace
}  // namespace lmp::engine
