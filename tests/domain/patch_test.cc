#include "server/domain/patch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/domain/catalog/product.h"

namespace lmp::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Fields(const std::vector<FieldViolation>& violations) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : violations) fields.push_back(violation.field);
  return fields;
}

model::Product Service() {
  return {.product_id = "cas",
          .display_name = "CAS",
          .kind = model::ProductKind::kService,
          .unit = model::ProductUnit::kUser};
}

TEST(DifferingColumns, AreThoseWithOtherValues) {
  model::Product after = Service();
  EXPECT_THAT(DifferingColumns(Service(), after), IsEmpty());
  after.max_units = 5;
  after.family = "cas";
  EXPECT_THAT(DifferingColumns(Service(), after), ElementsAre("family", "max_units"));
}

TEST(Brought, WhatWasThereAndWouldBeRefusedTodayIsNobodysFault) {
  model::Product before = Service();
  before.display_name = "";
  model::Product after = before;
  after.level = 3;
  EXPECT_THAT(Brought(before, after, ProductViolations), IsEmpty());
  after.display_name = std::string(151, 'x');  // still wrong, and now the caller's
  EXPECT_THAT(Fields(Brought(before, after, ProductViolations)), ElementsAre("display_name"));
}

TEST(Brought, AnotherFieldThatGoesWrongByTheChangeCounts) {
  model::Product after = Service();
  after.min_units = 20;
  after.max_units = 10;
  model::Product before = after;
  before.min_units = 5;
  EXPECT_THAT(Fields(Brought(before, after, ProductViolations)), ElementsAre("max_units"));
}

}  // namespace
}  // namespace lmp::domain
