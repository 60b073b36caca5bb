// How the database runs every statement of the hot calls: its own plan for each, in hot_plans.txt, and how many rows
// each scenario touches at most, whatever the size. The statements are recorded from the storage code. LMP_LIST_ROWS
// sets how many licenses there are (default 20 000); LMP_WRITE_PLANS=1 writes the file anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "storage/affected.h"
#include "storage/due_customers.h"
#include "storage/erasure.h"
#include "storage/event_sequence.h"
#include "storage/history.h"
#include "storage/idempotency.h"
#include "storage/license_checks.h"
#include "storage/list_queries.h"
#include "storage/rows/row_page.h"
#include "storage/world_store.h"
#include "tests/benchmarks/fill/population.h"
#include "tests/storage/filled_test.h"
#include "tests/storage/plan_checks.h"
#include "tests/support/status_matchers.h"

namespace lmp::storage {
namespace {

using testing::IsOk;

const std::string kPlans = absl::StrCat(LMP_SOURCE_DIR, "/tests/storage/hot_plans.txt");
const std::string kListPlans = absl::StrCat(LMP_SOURCE_DIR, "/tests/storage/list_plans.txt");

// Runs queries and explains them; changes are explained only, and inserts, which have no plan, left out.
class Explainer final : public Connection {
 public:
  explicit Explainer(Connection& connection) : connection_(connection) {}

  absl::Status Execute(absl::string_view) override { return absl::OkStatus(); }
  absl::StatusOr<std::unique_ptr<ResultSet>> Query(const std::string& sql, const std::vector<Value>& params) override {
    Explain(sql, params);
    return connection_.Query(sql, params);
  }
  absl::StatusOr<int64_t> Update(const std::string& sql, const std::vector<Value>& params) override {
    if (!absl::StartsWith(sql, "INSERT")) Explain(sql, params);
    return 1;
  }
  absl::Status LimitStatements(absl::Duration) override { return absl::OkStatus(); }
  bool broken() const override { return connection_.broken(); }
  absl::Status TakeLostTransaction() override { return absl::OkStatus(); }
  bool is_mariadb() const override { return connection_.is_mariadb(); }
  bool is_cluster_node() const override { return connection_.is_cluster_node(); }
  int64_t round_trips() const override { return 0; }

  // "SELECT licenses by ref on licenses_product; …", a line for each statement; those that come again only once.
  std::vector<std::string> Take() { return std::move(lines_); }

 private:
  void Explain(const std::string& sql, const std::vector<Value>& params) {
    // The archive is empty here, so its plans say nothing; its statements and keys are those of `events`.
    if (absl::StrContains(sql, "events_archive AS e")) return;
    const auto rows = connection_.Query("EXPLAIN FORMAT=TRADITIONAL " + sql, params);
    EXPECT_THAT(rows, IsOk()) << sql;
    if (!rows.ok()) return;
    std::vector<std::string> steps;
    while ((*rows)->Next()) {
      const std::string table = (*rows)->String(2), type = (*rows)->String(3), key = (*rows)->String(5);
      const std::string extra = (*rows)->String(9);
      if (table == "wanted" || table == "NULL" || table.empty()) {
        if (absl::StrContains(extra, "Impossible WHERE")) steps.push_back(extra);
        continue;
      }
      steps.push_back(absl::StrCat(table, " by ", type, key.empty() ? "" : " on ", key,
                                   absl::StrContains(extra, "filesort") ? ", sorted" : "",
                                   absl::StrContains(extra, "temporary") ? ", in a temporary table" : ""));
    }
    const std::string verb = sql.substr(0, sql.find(' '));
    const std::string line = absl::StrCat(verb, " ", absl::StrJoin(steps, "; "));
    if (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) lines_.push_back(line);
  }

  Connection& connection_;
  std::vector<std::string> lines_;
};

class HotPlansTest : public FilledTest {
 protected:
  // What a call does to the database; it is run twice, so that what EXPLAIN reads is not counted.
  void Note(const std::string& name, int64_t most, const std::function<absl::Status(Connection&)>& call) {
    Explainer explainer(*connection_);
    EXPECT_THAT(call(explainer), IsOk()) << name;
    absl::StrAppend(&text_, name, "  (at most ", most, " rows)\n");
    for (const std::string& line : explainer.Take()) absl::StrAppend(&text_, "    ", line, "\n");
    if (!connection_->Execute("START TRANSACTION").ok()) return;
    const int64_t before = RowsTouched(*connection_);
    EXPECT_THAT(call(*connection_), IsOk()) << name;
    const int64_t touched = RowsTouched(*connection_) - before;
    EXPECT_LE(touched, most) << name;
    RecordProperty(absl::StrReplaceAll(name, {{" ", "_"}, {",", ""}}), std::to_string(touched));
    EXPECT_THAT(connection_->Execute("ROLLBACK"), IsOk());
  }

  std::string text_;
};

TEST_F(HotPlansTest, EachStatementIsRunAsWrittenDown) {
  const bench::Population population(1, WantedLicenses(), now_);
  // Of few licenses, and 32 of them; one of 200.
  std::vector<bench::Member> members;
  for (int64_t i = 10; members.size() < 32; ++i) {
    bench::Member member = population.Make(i);
    if (member.licenses.size() <= 5) members.push_back(std::move(member));
  }
  const bench::Member& one = members[0];
  const std::string id = one.customer.customer_id;
  const model::License& license = one.licenses[0];
  std::vector<std::string> ids;
  std::vector<model::RowKey> checks;
  for (const bench::Member& member : members) {
    ids.push_back(member.customer.customer_id);
    checks.emplace_back(ids.back(), member.licenses[0].product_id);
  }
  // One that has an external_id, one that has a scheduled change.
  bench::Member external, scheduled;
  for (int64_t i = 10; !external.customer.external_id.has_value() || scheduled.changes.empty(); ++i) {
    bench::Member member = population.Make(i);
    if (member.licenses.size() > 5) continue;
    if (member.customer.external_id.has_value()) external = member;
    if (!member.changes.empty()) scheduled = member;
  }
  const bench::Member large = population.Make(bench::Population::kLargeCustomer);
  const std::string plan = bench::Population::NewPlanOf(one.customer.partner_id);
  const model::Date today = absl::ToCivilDay(now_, absl::UTCTimeZone());
  const absl::Time then = large.events[large.events.size() / 2].event_time;
  const EventScope of_customer{"", large.customer.customer_id, ""};
  const EventScope of_row{"licenses", license.customer_id, license.license_id};
  model::Footprint catalog;
  for (const model::ServicePlan& row : population.Begin().plans) catalog.service_plans.push_back(row.service_plan_id);
  CatalogCache warm;  // of all that any page may refer to
  ASSERT_THAT(LoadWorld(*connection_, catalog, Locking::kNone, warm), IsOk());
  const auto load = [&](Connection& c, const model::Footprint& footprint, Locking locking) {
    return LoadWorld(c, footprint, locking, warm).status();
  };

  Note("CheckLicense", 20, [&](Connection& c) { return load(c, {.license_checks = {checks[0]}}, Locking::kNone); });
  Note("CheckLicense of a product that the customer does not have", 20, [&](Connection& c) {
    return load(c, {.license_checks = {{id, "detection-of-email"}}}, Locking::kNone);
  });
  Note("CheckLicense, 32 at once", 600,
       [&](Connection& c) { return load(c, {.license_checks = checks}, Locking::kNone); });
  Note("Get of a customer or what is its", 30,
       [&](Connection& c) { return load(c, {.customers = {id}}, Locking::kNone); });
  Note("Get, 32 customers at once", 700, [&](Connection& c) { return load(c, {.customers = ids}, Locking::kNone); });
  Note("AssignServicePlan and other mutations of a customer: lock and load", 100,
       [&](Connection& c) { return load(c, {.service_plans = {plan}, .customers = {id}}, Locking::kWrite); });
  Note("the same of 32 customers", 4000,
       [&](Connection& c) { return load(c, {.service_plans = {plan}, .customers = ids}, Locking::kWrite); });
  Note("UpdateCustomer with an external_id: who has it", 40, [&](Connection& c) {
    model::Footprint footprint{.customers = {external.customer.customer_id}};
    footprint.unique.push_back(
        {model::kUniqueExternalId, "", external.customer.customer_id, *external.customer.external_id});
    return load(c, footprint, Locking::kNone);
  });
  Note("request ids of a batch", 4, [&](Connection& c) {
    return LoadIdempotencyRecords(c, {{"local-admin", "00000000-0000-4000-8000-000000000000"}}).status();
  });
  Note("rows written back", 20, [&](Connection& c) {
    model::ChangeSet set;
    set.customers.push_back({one.customer, one.customer});
    set.subscriptions.push_back({one.subscriptions[0], one.subscriptions[0]});
    set.licenses.push_back({license, license});
    return SaveChanges(c, set);
  });
  Note("CancelScheduledChange: its row", 40, [&](Connection& c) {
    return load(c, {.customers = {id}, .scheduled_changes = {KeyOf(scheduled.changes[0])}}, Locking::kNone);
  });
  Note("time worker: who has something due", 200,
       [&](Connection& c) { return ListDueCustomers(c, today, "", 100).status(); });
  Note("a list by dates: whether any may be shown that is not stored", 100,
       [&](Connection& c) { return AnyDateStale(c, today).status(); });
  Note("time worker: whose marks may hide it", 400,
       [&](Connection& c) { return ListDoubtfulCustomers(c, "", 20).status(); });
  Note("a pool is written to or read: who has something due and comes first", 40,
       [&](Connection& c) { return ListDue(c, {.pools_of = {one.customer.partner_id}}, today).status(); });
  Note("a pool is made: the same for its product", 200, [&](Connection& c) {
    return ListDue(
               c,
               {.pools_of = {one.customer.partner_id}, .pools_to_be = {{one.customer.partner_id, license.product_id}}},
               today)
        .status();
  });
  Note("a partner or a product is ended: whose time passes first", 200, [&](Connection& c) {
    return ListDue(c, {.partners = {one.customer.partner_id}, .products = {license.product_id}}, today).status();
  });
  Note("the components of a suite change: whose time passes first", 200,
       [&](Connection& c) { return ListDue(c, {.suites = {license.product_id}}, today).status(); });
  Note("request expiry", 520,
       [&](Connection& c) { return DeleteRequests(c, now_ - absl::Hours(24 * 7), 500).status(); });
  Note("ListEvents of a customer, first page", 120,
       [&](Connection& c) { return ListEvents(c, of_customer, EventOrder::kNewestFirst, 0, 50).status(); });
  Note("ListEvents of a customer, a later page", 240,
       [&](Connection& c) { return ListEvents(c, of_customer, EventOrder::kOldestFirst, 100, 50).status(); });
  Note("ListEvents of a license", 120,
       [&](Connection& c) { return ListEvents(c, of_row, EventOrder::kOldestFirst, 0, 50).status(); });
  Note("ListEvents of a license, a later page", 120,
       [&](Connection& c) { return ListEvents(c, of_row, EventOrder::kOldestFirst, 100, 50).status(); });
  Note("as of: the first event after an instant", 1500,
       [&](Connection& c) { return FirstEventAfter(c, large.customer.customer_id, then).status(); });
  Note("as of: a customer's rows put back", 4000, [&](Connection& c) {
    model::World world;
    return RewindCustomer(c, large.customer.customer_id, 1, world);
  });
  Note("usage report: a customer's events of a month", 1500,
       [&](Connection& c) { return LoadEventsUntil(c, large.customer.customer_id, 1, then, 1000).status(); });
  Note("as of: an image of a row", 20, [&](Connection& c) { return LoadImageAt(c, of_row, now_).status(); });
  Note("as of: a row's events", 20, [&](Connection& c) { return LoadRowEvents(c, of_row, then, now_).status(); });
  Note("ExplainLicense: a row's history", 20,
       [&](Connection& c) { return LoadRowHistory(c, of_row, "USAGE_REPORTED", 1000, 100).status(); });
  Note("events get their places in the history", 8000, [&](Connection& c) {
    const absl::Status status = SequenceEvents(c, 50).status();
    return absl::IsAborted(status) ? absl::OkStatus() : status;  // who only explains an update has not matched its rows
  });
  Note("erasure: whose turn it is, a part of the events, and the keys", 2000, [&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NextErasing(c, "").status());
    RETURN_IF_ERROR(LockErasing(c, id).status());
    RETURN_IF_ERROR(EraseEvents(c, large.customer.customer_id, 0, 100).status());
    RETURN_IF_ERROR(EraseApiKeys(c, large.customer.customer_id, "", 100).status());
    return EraseRegistrationKeys(c, large.customer.customer_id, "", 100).status();
  });
  Note("ListEvents and WatchEvents of everybody: a page", 160,
       [&](Connection& c) { return LoadBySequence(c, {.after = 10, .limit = 50}).status(); });
  Note("the same of a partner, newest first", 160, [&](Connection& c) {
    return LoadBySequence(c, {.partner_id = one.customer.partner_id, .newest_first = true, .limit = 50}).status();
  });
  Note("the place of an instant in the history", 100, [&](Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(const HistoryHead head_now, LoadHistoryHead(c));
    return SequenceBefore(c, then, head_now).status();
  });
  Note("GetEvent", 4, [&](Connection& c) { return LoadEvent(c, 1).status(); });
  Note("ListLicenses: a page and what is around it", 500, [&](Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(const auto page, LoadPage<model::License>(c, {.limit = 50}));
    model::World world;
    for (const model::License& row : page.rows) world.licenses.emplace(KeyOf(row), row);
    return LoadAround(c, warm, world);
  });
  Note("ListSubscriptions: a page and what is around it", 600, [&](Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(const auto page, LoadPage<model::Subscription>(c, {.limit = 50}));
    model::World world;
    for (const model::Subscription& row : page.rows) world.subscriptions.emplace(KeyOf(row), row);
    return LoadAround(c, warm, world);
  });
  Note("the catalog's rows, when it has changed", 20, [&](Connection& c) {
    CatalogCache cold;
    return LoadWorld(c,
                     {.partners = {"distributor-0", "distributor-1"},
                      .products = {"cloud-app-security", "hosted-email-security"}},
                     Locking::kNone, cold)
        .status();
  });
  Note("UsageReport: a page of a partner's customers", 60,
       [&](Connection& c) { return ListCustomersOf(c, one.customer.partner_id, id, 50).status(); });
  Note("ListLicenseTokens of a customer", 10,
       [&](Connection& c) { return ListLicenseTokens(c, {.customers = {id}, .after = {}}, now_, warm).status(); });
  Note("ListLicenseTokens of a hundred, a later page", 100, [&](Connection& c) {
    const std::vector<std::string> hundred(100, "zzz");  // the plan tells how they are looked for
    return ListLicenseTokens(c, {.customers = hundred, .after = {id, "t"}}, now_, warm).status();
  });

  const std::string head = absl::StrCat(
      "# The database's plan for each statement of the hot calls, on data of tests/benchmarks/fill/population.h.\n"
      "# Checked by tests/storage/hot_plans_test.cc at 20 000 licenses; LMP_LIST_ROWS=10000000 at another size (42 "
      "GB),\n"
      "# LMP_WRITE_PLANS=1 writes it anew. In parentheses: the most rows that the database may touch for it, at any "
      "size.\n");
  text_ = head + text_;
  ExpectPlans(*connection_, text_, kPlans);
}

// Every index is there for a plan in the two files, or for a constraint.
TEST_F(HotPlansTest, NoIndexIsForNothing) {
  const std::string plans = ReadPlans(kPlans) + ReadPlans(kListPlans);
  // Unique keys keep an invariant, whatever reads them; an index may be the only one that a foreign key can use.
  const auto rows = connection_->Query(
      "SELECT table_name, index_name, MIN(non_unique), GROUP_CONCAT(column_name ORDER BY seq_in_index) FROM "
      "information_schema.statistics WHERE table_schema = DATABASE() AND table_name <> 'events_archive' "
      "GROUP BY table_name, index_name",
      {});
  ASSERT_THAT(rows, IsOk());
  const auto keys = connection_->Query(
      "SELECT table_name, GROUP_CONCAT(column_name ORDER BY ordinal_position) FROM information_schema.key_column_usage "
      "WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL GROUP BY table_name, constraint_name",
      {});
  ASSERT_THAT(keys, IsOk());
  std::multimap<std::string, std::string> foreign;
  while ((*keys)->Next()) foreign.emplace((*keys)->String(0), (*keys)->String(1));
  struct Index {
    std::string table, name, columns;
    bool unique;
  };
  std::vector<Index> indexes;
  while ((*rows)->Next()) {
    indexes.push_back({(*rows)->String(0), (*rows)->String(1), (*rows)->String(3) + ",", (*rows)->Int64(2) == 0});
  }
  ASSERT_GT(indexes.size(), 30U);
  for (const Index& index : indexes) {
    bool needed = index.unique;
    for (const char* end : {"\n", ";", ","}) needed |= absl::StrContains(plans, absl::StrCat(" on ", index.name, end));
    for (auto [it, end] = foreign.equal_range(index.table); it != end && !needed; ++it) {
      const std::string wanted = it->second + ",";
      const auto serves = std::count_if(indexes.begin(), indexes.end(), [&](const Index& other) {
        return other.table == index.table && absl::StartsWith(other.columns, wanted);
      });
      needed = serves == 1 && absl::StartsWith(index.columns, wanted);
    }
    EXPECT_TRUE(needed) << index.table << "." << index.name << " (" << index.columns
                        << ") is in no plan and backs no constraint";
  }
}

}  // namespace
}  // namespace lmp::storage
