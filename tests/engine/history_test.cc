// Customers as they were: small random histories, looked at by readers while they happen, and then asked for again.
#include "server/engine/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/catalog/catalog_verbs.h"
#include "server/domain/customer/customer_verbs.h"
#include "server/domain/license/license_verbs.h"
#include "server/domain/subscription/verbs.h"
#include "server/workers/event_archive.h"
#include "server/workers/renewal_worker.h"
#include "storage/history.h"
#include "storage/rows/columns.h"
#include "storage/rows/sql_rows.h"
#include "storage/world_store.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;

constexpr absl::Duration kInstant = absl::Microseconds(1);

// Whether the marks are compared that the engine sets for itself, and what it told of coming ends: they are of the
// catalog as it was when time was noticed to have passed, and not as it was on the day.
enum class Marks { kCompared, kIgnored };

// Every row as its image, but for the moment when it was stored: what time did is seen before anybody stores it.
template <class Row>
void Describe(const model::Rows<Row>& rows, Marks marks, std::vector<std::string>& lines) {
  for (auto [key, row] : rows) {
    row.stamp.update_time = absl::UnixEpoch();
    if (marks == Marks::kIgnored) row.stamp.revision = 0;
    if constexpr (std::is_same_v<Row, model::License>) {
      if (marks == Marks::kIgnored) row.announced_date.reset();
    }
    lines.push_back(absl::StrCat(Row::kTable, " ", storage::ImageOf(row)));
    if constexpr (std::is_same_v<Row, model::License>) {
      if (marks == Marks::kCompared && row.due_date.has_value()) {
        absl::StrAppend(&lines.back(), " due ", absl::FormatCivilTime(*row.due_date));
      }
    }
  }
}

// What a reader sees of the customers. Of scheduled changes it is told those that wait.
std::string Described(const model::World& world, Marks marks) {
  std::vector<std::string> lines;
  Describe(world.customers, marks, lines);
  Describe(world.subscriptions, marks, lines);
  Describe(world.licenses, marks, lines);
  model::Rows<model::ScheduledChange> waiting = world.scheduled_changes;
  std::erase_if(waiting, [](const auto& entry) { return entry.second.state != model::ChangeState::kPending; });
  Describe(waiting, marks, lines);
  for (const auto& [key, customer] : world.customers) {
    const model::Partner* partner = Find(world.catalog->partners, customer.partner_id);
    lines.push_back(absl::StrCat("partner ", partner == nullptr ? "?" : model::NameOf(partner->state)));
  }
  for (const auto& [key, license] : world.licenses) {
    const model::Product* product = Find(world.catalog->products, license.product_id);
    lines.push_back(absl::StrCat("product ", product == nullptr ? "?" : storage::ImageOf(*product)));
  }
  return absl::StrJoin(lines, "\n");
}

class HistoryTest : public EngineTest {
 protected:
  // What a reader of the rows sees now.
  model::World Seen(const std::string& customer) {
    const auto engine = NewReadEngine({.workers = 1});
    model::World seen;
    EXPECT_THAT(Start(*engine, Query{.footprint = {.customers = {customer}},
                                     .answer = [&](const model::World& world,
                                                   const domain::Env&) -> absl::StatusOr<std::string> {
                                       seen = world;
                                       return std::string();
                                     }})
                    .get(),
                IsOk());
    return seen;
  }
  model::World WorldAt(const std::vector<std::string>& customers, absl::Time time) {
    const auto world = LoadWorldAt(*admin_, cache_, customers, time);
    EXPECT_THAT(world, IsOk());
    return world.value_or(model::World());
  }
  // All of a customer's events, oldest first.
  std::vector<model::Event> EventsOf(const std::string& customer) {
    const auto page = storage::ListEvents(*admin_, {"", customer, ""}, storage::EventOrder::kOldestFirst, 0, 100'000);
    EXPECT_THAT(page, IsOk());
    return page.ok() ? page->events : std::vector<model::Event>();
  }
  model::World Rows(const std::string& customer) {
    auto world = LoadWorld(*admin_, {.customers = {customer}}, storage::Locking::kNone, cache_);
    EXPECT_THAT(world, IsOk());
    return world.value_or(model::World());
  }

  // Moves what is of before `time`, as the worker does.
  void Archive(absl::Time time) {
    server::EventArchive archive(database_, Now() - time, [this] { return Now(); });
    EXPECT_THAT(archive.RunOnce(), IsOk());
  }

  // Tries a command: many are refused.
  template <class Command, class Result>
  void Do(const char* kind, const Command& command,
          absl::StatusOr<Result> (*decide)(model::World&, const Command&, const domain::Env&)) {
    Mutation mutation = Custom(command.footprint(), [=](model::World& world, const domain::Env& env) {
      return decide(world, command, env).status();
    });
    mutation.event_kind = kind;
    done_ += Run(std::move(mutation)).ok() ? 1 : 0;
  }
  int done_ = 0;
};

// Somebody who does this and that with a customer, as chance has it; what is refused is refused.
class RandomLife {
 public:
  explicit RandomLife(unsigned seed) : random_(seed) {}

  int Below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  bool OneIn(int n) { return Below(n) == 0; }
  template <class T>
  const T& OneOf(const std::vector<T>& list) {
    return list[static_cast<size_t>(Below(static_cast<int>(list.size())))];
  }

 private:
  std::mt19937 random_;
};

class RandomHistoryTest : public HistoryTest, public ::testing::WithParamInterface<int> {
 protected:
  void AssignSomething(const std::string& customer) {
    static const std::vector<std::pair<std::string, std::vector<std::string>>> plans = {
        {"cas-monthly", {"cloud-app-security"}},
        {"cas-quarterly", {"cloud-app-security"}},
        {"cas-trial", {"cloud-app-security"}},
        {"wfs-standard-monthly", {"worry-free-services-standard"}},
        {"wfbs-monthly", {"worry-free-business-security"}},
        {"xdr-monthly", {"worry-free-services-advanced", "cloud-app-security"}}};
    const auto& [plan, products] = life_.OneOf(plans);
    domain::AssignServicePlanCommand command;
    command.customer_id = customer;
    command.service_plan_id = plan;
    for (const std::string& product : products) command.units[product] = 10 + life_.Below(40);
    command.crossgrade.mode = domain::CrossgradeMode::kAutomatic;
    if (life_.OneIn(2)) command.start_date = absl::ToCivilDay(Now(), absl::UTCTimeZone()) + (life_.Below(41) - 31);
    Do("SERVICE_PLAN_ASSIGNED", command, domain::AssignServicePlan);
  }
  void ChangeSubscription(const std::string& customer, const std::string& subscription) {
    const model::Date today = absl::ToCivilDay(Now(), absl::UTCTimeZone());
    const domain::SubscriptionCommand which{.customer_id = customer, .subscription_id = subscription};
    switch (life_.Below(7)) {
      case 0:
      case 1: {
        domain::UpdateSubscriptionCommand update{which};
        for (const auto& [key, license] : Rows(customer).licenses) {
          if (license.subscription_id == subscription) update.change.units[license.product_id] = 10 + life_.Below(40);
        }
        if (life_.OneIn(2)) update.effective_date = today + 1 + life_.Below(40);
        if (life_.OneIn(4)) update.change.expiration_date = today + 5 + life_.Below(60);
        Do("SUBSCRIPTION_UPDATED", update, domain::UpdateSubscription);
        break;
      }
      case 2:
        Do("SUBSCRIPTION_RENEWED", domain::RenewSubscriptionCommand{which, 1}, domain::RenewSubscription);
        break;
      case 3:
        Do("SUBSCRIPTION_SUSPENDED", domain::SuspendSubscriptionCommand{which, today + life_.Below(10)},
           domain::SuspendSubscription);
        break;
      case 4:
        Do("SUBSCRIPTION_UNSUSPENDED", domain::UnsuspendSubscriptionCommand{which}, domain::UnsuspendSubscription);
        break;
      case 5:
        if (life_.OneIn(4))
          Do("SUBSCRIPTION_CANCELED", domain::CancelSubscriptionCommand{which}, domain::CancelSubscription);
        break;
      default:
        Do("SERVICE_PLAN_CHANGED", domain::ChangeServicePlanCommand{which, "wfs-advanced-annual"},
           domain::ChangeServicePlan);
    }
  }
  void DoSomething(const std::string& customer) {
    const model::World rows = Rows(customer);
    std::vector<std::string> subscriptions, licenses;
    for (const auto& [key, row] : rows.subscriptions) subscriptions.push_back(key.second);
    for (const auto& [key, row] : rows.licenses) licenses.push_back(key.second);
    const int what = life_.Below(20);
    if (subscriptions.empty() || what < 6) {
      AssignSomething(customer);
    } else if (what < 13) {
      ChangeSubscription(customer, life_.OneOf(subscriptions));
    } else if (what < 16) {
      Do("USAGE_REPORTED", domain::ReportUsageCommand{{customer, life_.OneOf(licenses)}, life_.Below(60)},
         domain::ReportUsage);
    } else if (what < 17) {
      Do("CUSTOMER_DISABLED", domain::DisableCustomerCommand{{customer}}, domain::DisableCustomer);
    } else if (what < 19) {
      Do("CUSTOMER_ENABLED", domain::EnableCustomerCommand{{customer}}, domain::EnableCustomer);
    } else if (life_.OneIn(3)) {
      domain::EndProductLifeCommand end{{"worry-free-services-standard"}};
      end.end_date = absl::ToCivilDay(Now(), absl::UTCTimeZone()) + life_.Below(20);
      Do("PRODUCT_LIFE_ENDED", end, domain::EndProductLife);
    }
  }

  void RunWorker() {
    server::RenewalWorker worker(database_, *writes_, [this] { return Now(); });
    EXPECT_THAT(worker.RunOnce(), IsOk());
  }

  RandomLife life_{static_cast<unsigned>(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistoryTest, ::testing::Range(1, 6));

TEST_P(RandomHistoryTest, IsAskedForAsReadersSawIt) {
  const auto customers = AddCustomers(2);
  std::vector<std::pair<absl::Time, std::vector<model::World>>> looks;
  for (int step = 0; step < 60; ++step) {
    SetNow(Now() + absl::Minutes(1 + life_.Below(life_.OneIn(8) ? 60 * 24 * 20 : 60 * 30)));
    if (life_.OneIn(6)) RunWorker();
    if (life_.OneIn(20)) Archive(Now() - absl::Hours(24 * 90));
    if (!life_.OneIn(4)) DoSomething(life_.OneOf(customers));
    SetNow(Now() + kInstant);  // between two changes
    looks.push_back({Now(), {Seen(customers[0]), Seen(customers[1])}});
  }
  EXPECT_GT(done_, 10);
  EXPECT_THAT(Violations(), IsEmpty());
  const int ended = static_cast<int>(Number("SELECT COUNT(*) FROM products WHERE end_of_life_date IS NOT NULL"));
  const Marks marks = ended == 0 ? Marks::kCompared : Marks::kIgnored;
  for (size_t archived = 0; archived <= looks.size(); archived += 20) {  // however much of it is in the archive
    if (archived > 0) Archive(looks[archived - 1].first);
    for (const auto& [time, seen] : looks) {
      for (size_t i = 0; i < customers.size(); ++i) {
        ASSERT_EQ(Described(WorldAt({customers[i]}, time), marks), Described(seen[i], marks))
            << customers[i] << " at " << time << ", " << archived << " steps are in the archive";
      }
    }
  }
  EXPECT_EQ(CountOf("events"), 1);
  EXPECT_THAT(Violations(), IsEmpty());
  // Together they are what they are alone.
  const model::World both = WorldAt(customers, looks[30].first);
  EXPECT_EQ(both.customers.size(), 2U);
  EXPECT_EQ(both.licenses.size(), WorldAt({customers[0]}, looks[30].first).licenses.size() +
                                      WorldAt({customers[1]}, looks[30].first).licenses.size());
}

TEST_P(RandomHistoryTest, RewoundToAnyEventIsWhatItsEventsMakeFromTheStart) {
  const auto customers = AddCustomers(1);
  for (int step = 0; step < 40; ++step) {
    SetNow(Now() + absl::Hours(1 + life_.Below(24 * 5)));
    DoSomething(customers[0]);
  }
  Archive(kNow + (Now() - kNow) / 2);
  const std::vector<model::Event> events = EventsOf(customers[0]);
  ASSERT_THAT(events, SizeIs(::testing::Gt(10U)));
  std::map<std::pair<std::string, std::string>, std::string> replayed;  // by table and key2
  for (size_t i = 0; i < events.size(); ++i) {
    replayed[{events[i].row_table, events[i].key2}] = events[i].after;
    model::World world = Rows(customers[0]);
    ASSERT_THAT(storage::LoadByFirstKey<model::ScheduledChange>(*admin_, customers, "", world.scheduled_changes),
                IsOk());
    if (i + 1 < events.size()) {
      ASSERT_THAT(storage::RewindCustomer(*admin_, customers[0], events[i + 1].event_id, world), IsOk());
    }
    std::map<std::pair<std::string, std::string>, std::string> rewound;
    for (const auto& [key, row] : world.customers) rewound[{"customers", ""}] = storage::ImageOf(row);
    for (const auto& [key, row] : world.subscriptions) rewound[{"subscriptions", key.second}] = storage::ImageOf(row);
    for (const auto& [key, row] : world.licenses) rewound[{"licenses", key.second}] = storage::ImageOf(row);
    for (const auto& [key, row] : world.scheduled_changes)
      rewound[{"scheduled_changes", key.second}] = storage::ImageOf(row);
    ASSERT_EQ(rewound, replayed) << "after event " << i + 1 << " of " << events.size();
  }
}

// The peak of a month, found by asking for the world at every instant at which anything can have changed.
TEST_P(RandomHistoryTest, HasThePeaksThatReadersSaw) {
  const auto customers = AddCustomers(2);
  for (int step = 0; step < 50; ++step) {
    SetNow(Now() + absl::Minutes(1 + life_.Below(60 * 48)));
    if (life_.OneIn(6)) RunWorker();
    DoSomething(life_.OneOf(customers));
  }
  Archive(kNow + (Now() - kNow) / 2);
  SetNow(Now() + absl::Hours(24 * life_.Below(40)));  // nobody does anything any more, not even the worker
  for (absl::CivilMonth month(2026, 3); absl::FromCivil(month, absl::UTCTimeZone()) < Now(); ++month) {
    const absl::Time start = absl::FromCivil(month, absl::UTCTimeZone());
    const absl::Time end = std::min(absl::FromCivil(month + 1, absl::UTCTimeZone()), Now() + kInstant);
    const auto histories = LoadHistories(*admin_, cache_, customers, start, end, Now());
    ASSERT_THAT(histories, IsOk());
    for (const std::string& customer : customers) {
      std::map<std::string, domain::UsagePeak> peaks, seen;
      domain::UsageRecorder recorder(histories->before, customer, start, end);
      const auto add = [&](const domain::DatedChange& dated_change) { recorder.Add(dated_change); };
      ASSERT_THAT(histories->ForEachChange(*admin_, customer, add), IsOk());
      for (const auto& [product, timeline] : std::move(recorder).Finish()) {
        const domain::UsagePeak peak = PeakOf(timeline, start, end);
        if (peak.provisioned > 0) peaks[product] = peak;
      }
      std::set<absl::Time> instants = {start};
      for (const std::string& text : Texts("SELECT event_time FROM events UNION SELECT event_time FROM events_archive"))
        instants.insert(storage::ParseDateTime(text));
      for (int day = 1; day < 31; ++day) instants.insert(start + absl::Hours(24 * day));
      for (const absl::Time instant : instants) {
        if (instant < start || instant >= end) continue;
        const model::World world = WorldAt({customer}, instant);
        for (const auto& [product, timeline] :
             domain::UsageRecorder(world, customer, instant, instant + kInstant).Finish()) {
          const domain::UsageStep& step = timeline.back();
          if (step.provisioned == 0) continue;
          domain::UsagePeak& peak = seen[product];
          peak.provisioned = std::max(peak.provisioned, step.provisioned);
          if (step.used.has_value()) peak.used = std::max(peak.used.value_or(0), *step.used);
        }
      }
      const auto text = [](const std::map<std::string, domain::UsagePeak>& all) {
        return absl::StrJoin(all, "; ", [](std::string* out, const auto& entry) {
          absl::StrAppend(out, entry.first, " ", entry.second.provisioned, " used ", entry.second.used.value_or(-1));
        });
      };
      ASSERT_EQ(text(peaks), text(seen)) << customer << " in " << month;
    }
  }
}

TEST_F(HistoryTest, WhatDidNotExistYetIsNotThere) {
  const auto customers = AddCustomers(1);
  EXPECT_THAT(WorldAt(customers, kNow - kInstant).customers, IsEmpty());
  EXPECT_THAT(WorldAt(customers, kNow).customers, SizeIs(1));
  EXPECT_THAT(WorldAt({"nobody"}, kNow).customers, IsEmpty());
  EXPECT_THAT(WorldAt({}, kNow).customers, IsEmpty());
}

TEST_F(HistoryTest, TheCatalogIsOfThatTimeToo) {
  const auto customers = AddCustomers(1);
  EXPECT_THAT(Run(AssignService(customers[0])), IsOk());
  SetNow(kNow + absl::Hours(1));
  EXPECT_THAT(Run(UpdateGracePeriod(kServicePlan, 60)), IsOk());
  const auto grace_at = [&](absl::Time time) {
    const model::World world = WorldAt(customers, time);
    return Find(world.catalog->service_plans, kServicePlan)->terms.grace_period_days;
  };
  EXPECT_EQ(grace_at(kNow), 30);
  EXPECT_EQ(grace_at(kNow + absl::Hours(1)), 60);
}

}  // namespace
}  // namespace lmp::engine
