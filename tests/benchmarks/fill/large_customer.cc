#include "tests/benchmarks/fill/large_customer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "storage/model/change_set.h"
#include "storage/status_macros.h"
#include "tests/benchmarks/fill/catalog.h"

namespace lmp::bench {
namespace {

constexpr int kLicensesPerTransaction = 1000;
constexpr int kDaysRunning = 10;

std::string PlanOf(const std::string& product_id) { return product_id + "-annual"; }

model::Subscription NewSubscription(const std::string& customer_id, int number, const model::ServicePlan& plan,
                                    model::Date start) {
  model::Subscription subscription;
  subscription.customer_id = customer_id;
  subscription.subscription_id = absl::StrFormat("large-%05d", number);
  subscription.service_plan_id = plan.service_plan_id;
  subscription.display_name = plan.display_name;
  subscription.terms = plan.terms;
  subscription.start_date = start;
  subscription.components = plan.components;
  subscription.stamp = NewStamp();
  return subscription;
}

model::License NewLicense(const model::Subscription& subscription) {
  model::License license;
  license.customer_id = subscription.customer_id;
  license.license_id = subscription.subscription_id;
  license.subscription_id = subscription.subscription_id;
  license.product_id = subscription.components.front();
  license.product_kind = model::ProductKind::kSoftware;
  license.unit = model::ProductUnit::kSeat;
  license.units = kUnits;
  license.activation_code = absl::StrCat("LM-", license.customer_id, "-", license.license_id);
  license.start_date = license.anchor_date = subscription.start_date;
  const absl::CivilDay start = subscription.start_date;
  license.expiration_date = absl::CivilDay(start.year() + 1, start.month(), start.day());
  license.grace_end_date = license.expiration_date + subscription.terms.grace_period_days;
  license.due_date = license.expiration_date;
  license.stamp = subscription.stamp;
  return license;
}

}  // namespace

std::string LargeCustomerProduct(int number) { return absl::StrFormat("bench-software-%02d", number); }

absl::Status CreateLargeCustomerCatalog(storage::Connection& connection) {
  model::ChangeSet changes;
  for (int i = 0; i < kLargeCustomerProducts; ++i) {
    model::Product product = NewProduct(LargeCustomerProduct(i), model::ProductKind::kSoftware);
    product.unit = model::ProductUnit::kSeat;
    changes.service_plans.push_back({.after = NewPlan(PlanOf(product.product_id), product)});
    changes.products.push_back({.after = std::move(product)});
  }
  return Save(connection, changes);
}

absl::Status GiveLicenses(storage::Connection& connection, const std::string& customer_id, int licenses, int products) {
  const model::Date start = absl::ToCivilDay(absl::Now(), absl::UTCTimeZone()) - kDaysRunning;
  for (int made = 0; made < licenses;) {
    model::ChangeSet changes;
    for (const int end = std::min(licenses, made + kLicensesPerTransaction); made < end; ++made) {
      const model::Product product = NewProduct(LargeCustomerProduct(made % products), model::ProductKind::kSoftware);
      const model::ServicePlan plan = NewPlan(PlanOf(product.product_id), product);
      changes.subscriptions.push_back({.after = NewSubscription(customer_id, made, plan, start)});
      changes.licenses.push_back({.after = NewLicense(changes.subscriptions.back().after)});
    }
    RETURN_IF_ERROR(Save(connection, changes));
  }
  return absl::OkStatus();
}

}  // namespace lmp::bench
