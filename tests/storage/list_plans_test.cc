// How the database finds the pages of lists: its own plan for each access path, in list_plans.txt, and how many rows it
// touches for the first page and for one far behind. LMP_LIST_ROWS sets how many licenses there are (default 20 000; a
// million takes about a minute); LMP_WRITE_PLANS=1 writes the file anew.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <type_traits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "storage/rows/row_page.h"
#include "storage/scoped_page.h"
#include "tests/storage/plan_checks.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using testing::IsOk;

constexpr int kPage = 50;
constexpr int kSmallPartner = 299, kSmallCustomers = 40;  // below partner 9, as 289 is
const std::string kPlans = absl::StrCat(LMP_SOURCE_DIR, "/tests/storage/list_plans.txt");

std::string Id(const char* prefix, int number) { return absl::StrCat(prefix, "-", absl::Dec(number, absl::kZeroPad8)); }

template <class Row, class F>
void Fill(Connection& connection, int count, F make) {
  std::vector<Row> rows;
  for (int i = 0; i < count; ++i) rows.push_back(make(i));
  std::vector<const Row*> pointers;
  for (const Row& row : rows) pointers.push_back(&row);
  ASSERT_THAT(InsertRows(connection, pointers), IsOk());
}

class ListPlansTest : public ::testing::Test {
 protected:
  static int Licenses() { return static_cast<int>(WantedLicenses()); }

  static void SetUpTestSuite() {
    database_ = new testing::TestDatabase();
    connection_ = database_->Connect().release();
    Connection& db = *connection_;
    const int customers = Licenses() / 4;
    const model::Date day(2026, 1, 1);
    ASSERT_THAT(db.Execute("SET SESSION foreign_key_checks = 0"), IsOk());
    ASSERT_THAT(db.Execute("START TRANSACTION"), IsOk());
    Fill<model::Partner>(db, 300, [](int i) {
      const bool top = i < 10;
      return model::Partner{.partner_id = Id("partner", i),
                            .display_name = absl::StrCat("Partner ", i % 40),
                            .tier = top ? model::PartnerTier::kDistributor : model::PartnerTier::kReseller,
                            .parent_id = top ? std::nullopt : std::optional(Id("partner", i % 10))};
    });
    Fill<model::Product>(db, 300, [](int i) {
      return model::Product{.product_id = Id("product", i),
                            .display_name = absl::StrCat("Product ", i % 40),
                            .kind = model::ProductKind::kService,
                            .unit = model::ProductUnit::kSeat};
    });
    Fill<model::ServicePlan>(db, 1000, [](int i) {
      model::ServicePlan plan{.service_plan_id = Id("plan", i),
                              .partner_id = Id("partner", i % 5),
                              .display_name = absl::StrCat("Plan ", i),
                              .product_id = Id("product", i % 3)};
      plan.terms.initial_term_months = 12;
      return plan;
    });
    Fill<model::Customer>(db, customers, [](int i) {
      return model::Customer{.customer_id = Id("customer", i),
                             .partner_id = Id("partner", i % 3),
                             .display_name = absl::StrCat("Company ", i % 20),
                             .country = "DE",
                             .external_id = absl::StrCat("external ", i)};
    });
    Fill<model::Subscription>(db, customers, [day](int i) {
      model::Subscription subscription{.customer_id = Id("customer", i),
                                       .subscription_id = Id("subscription", i),
                                       .service_plan_id = Id("plan", i % 4),
                                       .display_name = "Plan",
                                       .start_date = day};
      subscription.terms.initial_term_months = 12;
      return subscription;
    });
    // Twelve days of expiration, so that very many have the same; the first customer has very many of its own.
    Fill<model::License>(db, Licenses(), [day, customers](int i) {
      const int customer = i < Licenses() / 4 ? 0 : i % customers;
      return model::License{.customer_id = Id("customer", customer),
                            .license_id = Id("license", i),
                            .product_id = Id("product", i % 7),
                            .product_kind = model::ProductKind::kService,
                            .unit = model::ProductUnit::kSeat,
                            .units = 10,
                            .start_date = day,
                            .expiration_date = day + 30 * (1 + i % 12),
                            .grace_end_date = day + 30 * (2 + i % 12),
                            .anchor_date = day,
                            .closed = true};
    });
    // A small partner and another one, whose customers come last in the order of names, in turns.
    Fill<model::Customer>(db, 2 * kSmallCustomers, [](int i) {
      return model::Customer{.customer_id = Id("small", i),
                             .partner_id = Id("partner", kSmallPartner - 10 * (i % 2)),
                             .display_name = absl::StrCat("Small company ", i % 20),
                             .country = "DE"};
    });
    Fill<model::License>(db, 2 * kSmallCustomers, [day](int i) {
      return model::License{.customer_id = Id("small", 2 * (i % kSmallCustomers)),
                            .license_id = Id("small-license", i),
                            .product_id = Id("product", i % 7),
                            .product_kind = model::ProductKind::kService,
                            .unit = model::ProductUnit::kSeat,
                            .units = 10,
                            .start_date = day,
                            .expiration_date = day + 30,
                            .grace_end_date = day + 60,
                            .anchor_date = day,
                            .closed = true};
    });
    Fill<model::LicensePool>(db, 2000, [](int i) {
      return model::LicensePool{.partner_id = Id("partner", i % 20), .product_id = Id("product", i / 20), .total = 10};
    });
    Fill<model::RegistrationKey>(db, 5000, [day](int i) {
      return model::RegistrationKey{.key_id = Id("key", i),
                                    .partner_id = Id("partner", i % 2),
                                    .service_plan_id = Id("plan", i % 2),
                                    .expire_date = day + i % 5};
    });
    Fill<model::ApiKey>(db, 2000, [](int i) {
      return model::ApiKey{.key_id = Id("api-key", i),
                           .partner_id = i % 2 == 0 ? std::nullopt : std::optional(Id("partner", i % 20)),
                           .secret_hash = absl::StrCat("hash ", i)};
    });
    Fill<model::ScheduledChange>(db, 8000, [day, customers](int i) {
      const int customer = i < 2000 ? 0 : i % customers;
      return model::ScheduledChange{.customer_id = Id("customer", customer),
                                    .change_id = Id("change", i),
                                    .subscription_id = Id("subscription", customer),
                                    .effective_date = day + i % 5,
                                    .state = i % 4 == 0 ? model::ChangeState::kPending : model::ChangeState::kApplied};
    });
    ASSERT_THAT(db.Execute("COMMIT"), IsOk());
    for (const char* table : kTables) ASSERT_THAT(db.Execute(absl::StrCat("ANALYZE TABLE ", table)), IsOk());
  }
  static void TearDownTestSuite() {
    delete connection_;
    delete database_;
  }

  // A value of the column that very many rows have.
  static std::string ValueOf(const std::string& column) {
    static const auto& values =
        *new std::map<std::string, std::string>{{"parent_id", Id("partner", 1)},    {"partner_id", Id("partner", 1)},
                                                {"product_id", Id("product", 1)},   {"external_id", "external 7"},
                                                {"display_name", "Company 7"},      {"customer_id", Id("customer", 0)},
                                                {"service_plan_id", Id("plan", 1)}, {"state", "PENDING"}};
    return values.at(column);
  }

  struct Plan {
    std::string type, key, extra;
  };
  static Plan Explain(const PageStatement& statement) {
    const auto rows = connection_->Query("EXPLAIN FORMAT=TRADITIONAL " + statement.sql, statement.params);
    EXPECT_THAT(rows, IsOk()) << statement.sql;
    if (!rows.ok() || !(*rows)->Next()) return {};
    const int shift =
        connection_->is_mariadb() ? 0 : 1;  // Oracle's has a column for partitions, and one for `filtered`
    return {(*rows)->String(3 + shift), (*rows)->String(5 + shift), (*rows)->String(9 + 2 * shift)};
  }

  // The path's pages one after the other: the plan of the first and of a later one, and what the farthest costs.
  template <class Row>
  void Walk(const AccessPath& path, bool descending, std::ostream& out) {
    PageQuery query{.order_by = path.order_by, .descending = descending, .limit = kPage};
    for (const std::string& column : path.equals) query.equals.emplace_back(column, ValueOf(column));
    const std::string what = absl::StrCat(Row::kTable, " by ", path.order_by.empty() ? "name" : path.order_by,
                                          descending ? " desc" : "", path.equals.empty() ? "" : " where ",
                                          absl::StrJoin(path.equals, ", "), path.equals.empty() ? "" : " = ?");
    std::vector<Plan> plans;
    int64_t most = 0;
    int pages = 0;
    for (bool more = true; more; ++pages) {
      const absl::StatusOr<PageStatement> statement = PageSqlOf<Row>(query);
      ASSERT_THAT(statement, IsOk()) << what;
      if (pages < 2) plans.push_back(Explain(*statement));
      const int64_t before = RowsTouched(*connection_);
      const auto page = LoadPage<Row>(*connection_, query);
      ASSERT_THAT(page, IsOk()) << what;
      most = std::max(most, RowsTouched(*connection_) - before);
      more = page->more;
      if (more) query.after = PositionOf(page->rows.back(), query.order_by);
      // Far behind, but not every page on the way.
      if (more && pages > 100) query.limit = 1000;
    }
    EXPECT_LT(most, 1000 + 2 * kPage) << what << ": rows touched by one page";
    for (const Plan& plan : plans) {
      EXPECT_NE(plan.type, "ALL") << what;
      EXPECT_FALSE(absl::StrContains(plan.extra, "filesort")) << what << ": " << plan.extra;
      EXPECT_FALSE(absl::StrContains(plan.extra, "temporary")) << what << ": " << plan.extra;
    }
    out << what << "\n    first page: " << plans[0].type << " on " << plans[0].key;
    if (plans.size() > 1) out << "; next: " << plans[1].type << " on " << plans[1].key;
    out << "\n";
    EXPECT_EQ(plans[0].key, path.index) << what;
  }

  // Pages of rows of customers for a caller that is bound to a partner: customers first, then their rows.
  static void WalkBound(bool descending, std::ostream& out) {
    const PageQuery query{
        .descending = descending, .after = Position{"", {Id("small", 4), Id("small-license", 2)}}, .limit = kPage};
    const std::vector<std::string>& names = ColumnNames<model::License>();
    std::vector<std::string> customers;
    for (int i = 4; i < 2 * kSmallCustomers; i += 2) customers.push_back(Id("small", i));
    for (const auto& [what, statement] :
         {std::pair("customers of a bound caller's partner",
                    CustomersOfPartnerSql(Id("partner", kSmallPartner), Id("small", 4), true, descending, kPage)),
          std::pair("licenses of these customers", OfCustomersSql("licenses", SelectList<model::License>(),
                                                                  {names[0], names[1]}, query, customers))}) {
      const Plan plan = Explain(statement);
      EXPECT_FALSE(absl::StrContains(plan.extra, "filesort")) << what << ": " << plan.extra;
      EXPECT_FALSE(absl::StrContains(plan.extra, "temporary")) << what << ": " << plan.extra;
      out << what << (descending ? " desc" : "") << "\n    " << plan.type << " on " << plan.key << "\n";
    }
  }

  template <class Row>
  void WalkAll(std::ostream& out) {
    for (const AccessPath& path : AccessPathsOf(Row::kTable)) {
      for (const bool descending : {false, true}) Walk<Row>(path, descending, out);
    }
  }

  static constexpr const char* kTables[] = {"partners",          "products", "service_plans", "customers",
                                            "subscriptions",     "licenses", "license_pools", "registration_keys",
                                            "scheduled_changes", "api_keys"};
  static testing::TestDatabase* database_;
  static Connection* connection_;
};
testing::TestDatabase* ListPlansTest::database_ = nullptr;
Connection* ListPlansTest::connection_ = nullptr;

TEST_F(ListPlansTest, EveryPageIsReadAlongItsIndex) {
  std::ostringstream plans;
  plans << "# The database's plan for each way to ask for a list (storage/rows/access_paths.cc): no scan of a table, "
           "no sort.\n"
        << "# Checked by tests/storage/list_plans_test.cc; LMP_WRITE_PLANS=1 writes it anew.\n";
  WalkAll<model::Partner>(plans);
  WalkAll<model::Product>(plans);
  WalkAll<model::ServicePlan>(plans);
  WalkAll<model::Customer>(plans);
  WalkAll<model::Subscription>(plans);
  WalkAll<model::License>(plans);
  WalkAll<model::LicensePool>(plans);
  WalkAll<model::RegistrationKey>(plans);
  WalkAll<model::ScheduledChange>(plans);
  WalkAll<model::ApiKey>(plans);
  for (const bool descending : {false, true}) WalkBound(descending, plans);
  ExpectPlans(*connection_, plans.str(), kPlans);
}

// Of a partner that has few among very many, in every order of its own rows and in that of names of its customers'.
TEST_F(ListPlansTest, ASmallPartnersPageTouchesWhatItNeeds) {
  const auto touches = [&]<class Row>(const std::string& order, size_t rows, std::type_identity<Row>) {
    for (const bool descending : {false, true}) {
      PageQuery query{
          .order_by = order, .descending = descending, .partner_id = Id("partner", kSmallPartner), .limit = 15};
      const int64_t before = RowsTouched(*connection_);
      size_t seen = 0;
      for (bool more = true; more;) {
        const auto page = LoadScopedPage<Row>(*connection_, query);
        ASSERT_THAT(page, IsOk());
        seen += page->rows.size();
        more = page->more;
        if (more) query.after = PositionOf(page->rows.back(), order);
      }
      EXPECT_EQ(seen, rows) << Row::kTable << " by " << order;
      EXPECT_LT(RowsTouched(*connection_) - before, order == "expiration_date" ? 2500 : 400)
          << Row::kTable << " by " << order;
    }
  };
  touches("", kSmallCustomers, std::type_identity<model::Customer>());
  touches("display_name", kSmallCustomers, std::type_identity<model::Customer>());
  touches("", 2 * kSmallCustomers, std::type_identity<model::License>());
  touches("expiration_date", 2 * kSmallCustomers, std::type_identity<model::License>());
  touches("", 0, std::type_identity<model::Subscription>());
  touches("", 0, std::type_identity<model::ServicePlan>());
}

// What is merged from several partners is in one order, without gaps or repeats.
TEST_F(ListPlansTest, PagesOfAPartnerAndThoseBelowItAreInOneOrder) {
  for (const std::string order : {"", "display_name"}) {
    for (const bool descending : {false, true}) {
      PageQuery query{.order_by = order, .descending = descending, .partner_id = Id("partner", 9), .limit = 7};
      std::vector<std::string> merged, looked_through;
      for (auto* keys : {&merged, &looked_through}) {
        query.after.reset();
        for (bool more = true; more;) {
          const auto page = keys == &merged ? LoadScopedPage<model::Customer>(*connection_, query)
                                            : LoadPage<model::Customer>(*connection_, query);
          ASSERT_THAT(page, IsOk());
          for (const model::Customer& customer : page->rows) keys->push_back(customer.customer_id);
          more = page->more;
          if (more) query.after = PositionOf(page->rows.back(), order);
        }
      }
      EXPECT_EQ(merged, looked_through) << order << (descending ? " desc" : "");
      EXPECT_EQ(merged.size(), static_cast<size_t>(2 * kSmallCustomers));
    }
  }
}

// 20 000 licenses have a page 400; with LMP_LIST_ROWS=1000000 it is page 10 000 and more.
TEST_F(ListPlansTest, TheLastPageTouchesWhatTheFirstDoes) {
  for (const std::string order : {"", "expiration_date"}) {
    PageQuery query{.order_by = order, .limit = kPage};
    const int64_t start = RowsTouched(*connection_);
    ASSERT_THAT(LoadPage<model::License>(*connection_, query), IsOk());
    const int64_t first = RowsTouched(*connection_) - start;
    query.descending = true;
    const auto last = LoadPage<model::License>(*connection_, query);
    ASSERT_THAT(last, IsOk());
    query.descending = false;
    query.after = PositionOf(last->rows.back(), order);
    const int64_t before = RowsTouched(*connection_);
    const auto end = LoadPage<model::License>(*connection_, query);
    ASSERT_THAT(end, IsOk());
    EXPECT_EQ(end->rows.size(), static_cast<size_t>(kPage - 1));
    EXPECT_LE(RowsTouched(*connection_) - before, first + 3) << order;
  }
}

}  // namespace
}  // namespace lmp::storage
