// Pages of bound callers in orders that no index has for them: they are those that a look through all rows finds, and
// touch some thousands of rows of others at most.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "storage/scoped_page.h"
#include "tests/storage/plan_checks.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using testing::IsOk;

constexpr int kResellers = 40;          // more than are merged, all below the distributor
constexpr int kCustomersOfLarge = 520;  // more than are sorted
constexpr int kOthers = 4000;           // customers of nobody's partner here
constexpr int kLicensesOfOthers = 60'000;

std::string Id(const char* prefix, int number) { return absl::StrCat(prefix, "-", absl::Dec(number, absl::kZeroPad8)); }

template <class Row>
void Insert(Connection& connection, const std::vector<Row>& rows) {
  std::vector<const Row*> pointers;
  for (const Row& row : rows) pointers.push_back(&row);
  ASSERT_THAT(InsertRows(connection, pointers), IsOk());
}

model::License LicenseOf(const std::string& customer, int number, model::Date expiration) {
  const model::Date day(2026, 1, 1);
  return {.customer_id = customer,
          .license_id = Id("license", number),
          .product_id = Id("product", number % 7),
          .product_kind = model::ProductKind::kService,
          .unit = model::ProductUnit::kSeat,
          .units = 10,
          .start_date = day,
          .expiration_date = expiration,
          .grace_end_date = expiration + 30,
          .anchor_date = day,
          .closed = true};
}

class SparsePageTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    database_ = new testing::TestDatabase();
    connection_ = database_->Connect().release();
    ASSERT_THAT(connection_->Execute("SET SESSION foreign_key_checks = 0"), IsOk());
    ASSERT_THAT(connection_->Execute("START TRANSACTION"), IsOk());
    FillPartners();
    FillCustomers();
    ASSERT_THAT(connection_->Execute("COMMIT"), IsOk());
    for (const char* table : {"partners", "customers", "licenses", "registration_keys"})
      ASSERT_THAT(connection_->Execute(absl::StrCat("ANALYZE TABLE ", table)), IsOk());
  }
  static void TearDownTestSuite() {
    delete connection_;
    delete database_;
  }

  static void FillPartners() {
    std::vector<model::Partner> partners;
    for (const char* id : {"distributor", "large", "other"}) {
      partners.push_back(
          {.partner_id = id, .display_name = absl::StrCat("Partner ", id), .tier = model::PartnerTier::kDistributor});
    }
    for (int i = 0; i < kResellers; ++i) {
      partners.push_back({.partner_id = Id("reseller", i),
                          .display_name = absl::StrCat("Partner ", i % 7),
                          .tier = model::PartnerTier::kReseller,
                          .parent_id = "distributor"});
    }
    Insert(*connection_, partners);
    std::vector<model::RegistrationKey> keys;
    for (int i = 0; i < 9000; ++i) {
      keys.push_back({.key_id = Id("key", i),
                      .partner_id = i % 100 == 99 ? "large" : "other",
                      .service_plan_id = "plan",
                      .expire_date = model::Date(2026, 1, 1) + (i % 100 == 99 ? 400 : i % 300)});
    }
    Insert(*connection_, keys);
  }

  // What is ours ends last, so that everything else comes before it.
  static void FillCustomers() {
    std::vector<model::Customer> customers;
    std::vector<model::License> licenses;
    const model::Date day(2026, 1, 1);
    int number = 0;
    for (int i = 0; i < kOthers; ++i) {
      customers.push_back({.customer_id = Id("customer", i),
                           .partner_id = "other",
                           .display_name = absl::StrCat("Company ", i % 20),
                           .country = "DE"});
    }
    for (int i = 0; i < kLicensesOfOthers; ++i)
      licenses.push_back(LicenseOf(Id("customer", i % kOthers), number++, day + 30 * (1 + i % 12)));
    for (int i = 0; i < kCustomersOfLarge; ++i) {
      customers.push_back({.customer_id = Id("large", i),
                           .partner_id = "large",
                           .display_name = absl::StrCat("Large ", i % 20),
                           .country = "DE"});
      licenses.push_back(LicenseOf(Id("large", i), number++, day + 400 + i % 3));
    }
    for (int i = 0; i < 2 * kResellers; ++i) {
      customers.push_back({.customer_id = Id("of-reseller", i),
                           .partner_id = Id("reseller", i % kResellers),
                           .display_name = absl::StrCat("Small ", i % 20),
                           .country = "DE"});
      licenses.push_back(LicenseOf(Id("of-reseller", i), number++, day + 400 + i % 3));
    }
    Insert(*connection_, customers);
    Insert(*connection_, licenses);
  }

  struct Walked {
    std::vector<model::RowKey> keys;
    int64_t most_touched = 0;  // by one page
  };
  template <class Row, class Load>
  static Walked Walk(PageQuery query, Load load) {
    Walked walked;
    for (bool more = true; more;) {
      const int64_t before = RowsTouched(*connection_);
      const absl::StatusOr<RowPage<Row>> page = load(query);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return walked;
      walked.most_touched = std::max(walked.most_touched, RowsTouched(*connection_) - before);
      for (const Row& row : page->rows) walked.keys.push_back(KeyOf(row));
      more = page->more;
      if (more) query.after = PositionOf(page->rows.back(), query.order_by);
    }
    return walked;
  }

  // The pages of the partner in this order are those of a look through all rows, and touch few.
  template <class Row>
  static void Check(const std::string& partner, const std::string& order, size_t rows, int64_t most) {
    for (const bool descending : {false, true}) {
      const PageQuery query{.order_by = order, .descending = descending, .partner_id = partner, .limit = 100};
      const Walked ours = Walk<Row>(query, [](const PageQuery& q) { return LoadScopedPage<Row>(*connection_, q); });
      const Walked all = Walk<Row>(query, [](const PageQuery& q) { return LoadPage<Row>(*connection_, q); });
      const std::string what = absl::StrCat(Row::kTable, " of ", partner, " by ", order, descending ? " desc" : "");
      EXPECT_EQ(ours.keys, all.keys) << what;
      EXPECT_EQ(ours.keys.size(), rows) << what;
      EXPECT_LT(ours.most_touched, most) << what << "; a look through all touches " << all.most_touched;
    }
  }

  static testing::TestDatabase* database_;
  static Connection* connection_;
};
testing::TestDatabase* SparsePageTest::database_ = nullptr;
Connection* SparsePageTest::connection_ = nullptr;

// Of each row of a window, its key, its place in the window, its customer and its partner are looked at.
constexpr int64_t kOfWindows = int64_t{5} * (kWindows[0] + kWindows[1]);

TEST_F(SparsePageTest, LicensesByDateOfMoreCustomersThanAreSorted) {
  Check<model::License>("large", "expiration_date", kCustomersOfLarge, kOfWindows + 5 * kCustomersOfLarge);
}

TEST_F(SparsePageTest, RowsOfMorePartnersThanAreMerged) {
  Check<model::License>("distributor", "expiration_date", 2 * kResellers, kOfWindows + 1000);
  Check<model::License>("distributor", "", 2 * kResellers, kOfWindows + 1000);
  Check<model::Customer>("distributor", "", 2 * kResellers, kOfWindows + 1000);
  Check<model::Customer>("distributor", "display_name", 2 * kResellers, kOfWindows + 1000);
}

TEST_F(SparsePageTest, PartnersBelowOne) {
  for (const std::string order : {"", "display_name"}) {
    Check<model::Partner>("distributor", order, kResellers + 1, 10 * kResellers);
    Check<model::Partner>("large", order, 1, 20);
  }
}

TEST_F(SparsePageTest, KeysByDateWhichNoIndexHasByPartner) {
  Check<model::RegistrationKey>("large", "expire_date", 90, kOfWindows + 1000);
}

// The database sorts keys of one caller or of a window, never the rows of everybody, and finds all by an index.
TEST_F(SparsePageTest, NothingScansATable) {
  const std::vector<std::string> keys = {"customer_id", "license_id"};
  const PageQuery query{.order_by = "expiration_date",
                        .after = Position{"2026-02-01", {Id("customer", 1), Id("license", 1)}},
                        .partner_id = "large"};
  const auto window = WindowSql("licenses", SelectList<model::License>(), keys, OwnedBy::kCustomer, query, kWindows[0]);
  ASSERT_THAT(window, IsOk());
  for (const PageStatement& statement :
       {*window, OwnRowsSql("licenses", SelectList<model::License>(), keys, OwnedBy::kCustomer, query)}) {
    const auto rows = connection_->Query("EXPLAIN FORMAT=TRADITIONAL " + statement.sql, statement.params);
    ASSERT_THAT(rows, IsOk()) << statement.sql;
    const int shift = connection_->is_mariadb() ? 0 : 1;
    while ((*rows)->Next()) {
      const std::string table = (*rows)->String(2);
      if (absl::StartsWith(table, "<")) continue;  // what was found before, in memory
      EXPECT_NE((*rows)->String(3 + shift), "ALL") << table << " in " << statement.sql;
    }
  }
}

}  // namespace
}  // namespace lmp::storage
