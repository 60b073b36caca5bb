// Who loads several customers whole goes by how many rows they have, because one may have ten thousand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/rpcs/list_parts.h"
#include "storage/event_sequence.h"
#include "storage/history_snapshot.h"
#include "storage/rows/sql_rows.h"
#include "storage/world_store.h"
#include "tests/engine/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace lmp::engine {
namespace {

using ::testing::ElementsAre;

class LargeCustomersTest : public EngineTest {
 protected:
  // Gives the customer so many licenses as customer-1 has one.
  void AddLicenses(const std::string& customer_id, int count) {
    model::World world;
    EXPECT_OK(storage::LoadByFirstKey<model::License>(*admin_, {"customer-1"}, "", world.licenses));
    model::License license = world.licenses.begin()->second;
    license.customer_id = customer_id;
    license.activation_code.reset();
    license.subscription_id.reset();
    license.closed = true;
    model::ChangeSet changes;
    for (int i = 0; i < count; ++i) {
      license.license_id = absl::StrCat("more-", i);
      changes.licenses.push_back({std::nullopt, license});
    }
    EXPECT_OK(storage::SaveChanges(*admin_, changes));
  }
};

TEST_F(LargeCustomersTest, AListsPartsHaveSoManyRowsOrAreOfOneCustomer) {
  AddCustomers(5);
  for (const char* id : {"customer-1", "customer-2", "customer-4"}) EXPECT_OK(Run(AssignService(id)).status());
  AddLicenses("customer-3", 7);
  std::vector<model::Customer> rows;
  for (int i = 1; i <= 5; ++i) {
    rows.emplace_back().customer_id = absl::StrCat("customer-", i);
  }
  const auto sizes = [&](bool whole_customers) {
    std::vector<size_t> of_parts;
    auto parts = rpcs::Parts<model::Customer>::Of(*admin_, rows, whole_customers, /*at_once=*/4);
    EXPECT_OK(parts.status());
    for (auto part = parts->Next(); !part.empty(); part = parts->Next()) of_parts.push_back(part.size());
    EXPECT_EQ(parts->loaded(), whole_customers ? 2 + 2 + 7 + 2 : 0);
    return of_parts;
  };
  EXPECT_THAT(sizes(true), ElementsAre(2, 1, 2));
  EXPECT_THAT(sizes(false), ElementsAre(5));
}

TEST_F(LargeCustomersTest, SoAreThoseOfASnapshot) {
  AddCustomers(4);
  EXPECT_OK(Run(AssignService("customer-1")).status());
  AddLicenses("customer-2", 4000);
  AddLicenses("customer-3", 3000);
  EXPECT_OK(admin_->Execute("BEGIN"));
  EXPECT_OK(storage::SequenceEvents(*admin_, 1000).status());
  EXPECT_OK(admin_->Execute("COMMIT"));
  storage::SnapshotCursor cursor{.kind = storage::SnapshotCursor::Kind::kCustomers};
  std::vector<size_t> customers, rows;
  while (cursor.kind != storage::SnapshotCursor::Kind::kDone) {
    const auto part = storage::LoadSnapshotPart(*admin_, {}, model::Event(), cursor);
    EXPECT_OK(part.status());
    if (!part.ok()) break;
    rows.push_back(part->size());
    customers.push_back(static_cast<size_t>(std::count_if(
        part->begin(), part->end(), [](const auto& row) { return row.row_table == model::Customer::kTable; })));
  }
  EXPECT_THAT(customers, ElementsAre(2, 2));
  EXPECT_THAT(rows, ElementsAre(2 + 2 + 4000, 2 + 3000));
}

}  // namespace
}  // namespace lmp::engine
