// Which rows of the catalog a write leads to, and which of the rows that somebody wants are locked.
#include "storage/locked_rows.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace lmp::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

model::Subscription Subscription(const char* plan) { return {.customer_id = "c", .service_plan_id = plan}; }

TEST(CatalogRowsOfWriteTest, ForeignKeysOfNewRowsAndTheRowsThatChange) {
  model::ChangeSet changes;
  changes.customers.push_back({std::nullopt, {.customer_id = "new", .partner_id = "msp"}});
  changes.customers.push_back({model::Customer{}, {.customer_id = "old", .partner_id = "not asked for"}});
  changes.subscriptions.push_back({std::nullopt, Subscription("plan-1")});
  changes.subscriptions.push_back({Subscription("plan-2"), Subscription("plan-2")});
  changes.subscriptions.push_back({Subscription("plan-3"), Subscription("plan-4")});  // the change of a plan
  changes.licenses.push_back({std::nullopt, {.customer_id = "c", .product_id = "product-1"}});
  const model::License license{.customer_id = "c", .product_id = "product-2"};
  changes.licenses.push_back({license, license});
  changes.licenses.push_back({license, {.customer_id = "c", .product_id = "product-5"}});  // another level
  changes.license_tokens.push_back({std::nullopt, {.customer_id = "c", .product_id = "product-3"}});
  changes.products.push_back({model::Product{}, {.product_id = "product-4"}});
  EXPECT_THAT(CatalogRowsOfWrite(changes),
              ElementsAre(model::RowKey("partners", "msp"), model::RowKey("products", "product-1"),
                          model::RowKey("products", "product-4"), model::RowKey("products", "product-5"),
                          model::RowKey("service_plans", "plan-1"), model::RowKey("service_plans", "plan-4")));
}

// Whoever follows a foreign key to a row shares its lock.
TEST(StillLockedTest, OfTheCatalogWhatAForeignKeyWouldWaitFor) {
  testing::TestDatabase schema;
  const auto admin = schema.Connect();
  for (const char* id : {"shared", "taken", "free"}) {
    EXPECT_OK(admin->Execute(absl::StrCat(
        "INSERT INTO products (product_id, display_name, kind, unit, min_units, max_units, nfr_allowed, family, level, "
        "lifecycle, components, revision, create_time, update_time) VALUES ('",
        id, "', '', 'SERVICE', 'SEAT', 1, 9, 0, '', 0, 'ON_SALE', '[]', 1, NOW(6), NOW(6))")));
  }
  const auto sharer = schema.Connect(), holder = schema.Connect();
  for (Connection* session : {sharer.get(), holder.get()}) EXPECT_OK(session->Execute("BEGIN"));
  EXPECT_OK(sharer->Execute("SELECT 1 FROM products WHERE product_id = 'shared' LOCK IN SHARE MODE"));
  EXPECT_OK(holder->Execute("SELECT 1 FROM products WHERE product_id = 'taken' FOR UPDATE"));
  LockedRows wanted;
  for (const char* id : {"shared", "taken", "free", "unknown"}) wanted.rows.emplace("products", id);
  EXPECT_THAT(StillLocked(*admin, wanted)->rows, ElementsAre(model::RowKey("products", "taken")));
  EXPECT_OK(holder->Execute("ROLLBACK"));
  EXPECT_THAT(StillLocked(*admin, wanted)->rows, IsEmpty());
}

}  // namespace
}  // namespace lmp::storage
