// A plan is judged by the few licenses that Holdings knows as by all of a customer's.
#include "server/domain/license/holdings.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/domain/license/trial_history.h"
#include "server/domain/subscription/crossgrade.h"

namespace lmp::domain {
namespace {

using model::License;

const Date kToday(2026, 6, 1);

model::Product Product(const std::string& id, const std::string& family) {
  model::Product product;
  product.product_id = id;
  product.family = family;
  product.kind = model::ProductKind::kSoftware;
  return product;
}

// Two levels of one family, and two products without one.
model::World Catalog() {
  model::Catalog catalog;
  for (const auto& product :
       {Product("basic", "scan"), Product("plus", "scan"), Product("mail", ""), Product("web", "")})
    catalog.products.emplace(KeyOf(product), product);
  model::World world;
  world.catalog = std::make_shared<const model::Catalog>(std::move(catalog));
  return world;
}

void Close(Date day, License& license) {
  license.closed = true;
  license.stamp.update_time = absl::FromCivil(day, absl::UTCTimeZone());
}

License AnyLicense(int number, std::mt19937& random) {
  static constexpr const char* kProducts[] = {"basic", "plus", "mail", "web"};
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  License license;
  license.customer_id = "bakery";
  license.license_id = absl::StrCat(1000 + number);
  license.product_id = kProducts[below(4)];
  license.version = below(3) == 0 ? model::PlanVersion::kFull : model::PlanVersion::kTrial;
  license.start_date = kToday + (below(1200) - 1000);
  license.expiration_date = license.start_date + 30 * (1 + below(30));
  license.grace_end_date = license.expiration_date + below(30);
  if (below(3) != 0) Close(license.start_date + (below(300) - 20), license);
  return license;
}

TEST(HoldingsTest, TheyDecideAsAllLicensesDo) {
  std::mt19937 random(1);  // NOLINT: the same cases each time
  const std::vector<std::vector<std::string>> asked = {{"basic"}, {"plus", "mail"}, {"web"}, {"mail", "web", "basic"}};
  int refused = 0, allowed = 0;
  for (int run = 0; run < 2000; ++run) {
    model::World world = Catalog();
    for (int i = static_cast<int>(random() % 12); i > 0; --i) {
      const License license = AnyLicense(i, random);
      world.licenses.emplace(KeyOf(license), license);
    }
    const Licenses all = LicensesOf(world, "bakery");
    const Holdings holdings(world, "bakery");
    for (const std::vector<std::string>& products : asked) {
      const Licenses few = holdings.Of(products);
      const absl::Status status = CheckTrial(*world.catalog, all, products, kToday);
      ++(status.ok() ? allowed : refused);
      EXPECT_EQ(CheckTrial(*world.catalog, few, products, kToday), status);
      EXPECT_EQ(FindDuplicates(few, products, kToday), FindDuplicates(all, products, kToday));
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_GT(allowed, 1000);
}

TEST(HoldingsTest, OfWhatHasEndedItKeepsLittle) {
  model::World world = Catalog();
  for (int i = 0; i < 1000; ++i) {
    License license;
    license.customer_id = "bakery";
    license.license_id = absl::StrCat(i);
    license.product_id = "mail";
    license.version = i % 2 == 0 ? model::PlanVersion::kFull : model::PlanVersion::kTrial;
    license.start_date = kToday - 500 + i % 100;
    Close(license.start_date + 30, license);
    world.licenses.emplace(KeyOf(license), license);
  }
  EXPECT_THAT(Holdings(world, "bakery").Of({"mail"}), ::testing::SizeIs(2));
}

}  // namespace
}  // namespace lmp::domain
