#include "tests/benchmarks/fill/catalog.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "server/domain/lookup.h"
#include "storage/model/change_set.h"
#include "storage/status_macros.h"
#include "storage/world_store.h"

namespace lmp::bench {
namespace {

constexpr char kDistributor[] = "bench-distribution";
constexpr char kSuite[] = "bench-suite";
constexpr char kLargeSuite[] = "bench-estate";
constexpr char kLargePlan[] = "bench-estate-annual";
constexpr int kCustomersPerTransaction = 2000;

model::Partner NewPartner(const std::string& id, model::PartnerTier tier) {
  model::Partner partner;
  partner.partner_id = id;
  partner.display_name = id;
  partner.tier = tier;
  partner.stamp = NewStamp();
  return partner;
}

std::vector<std::string> LargeSuiteProducts() {
  std::vector<std::string> ids;
  for (int i = 0; i < kLargePlanLicenses; ++i) ids.push_back(absl::StrFormat("bench-service-%02d", i));
  return ids;
}

void AddSuite(const std::string& id, const std::string& plan_id, const std::vector<std::string>& products,
              model::ChangeSet& changes) {
  for (const std::string& product : products) {
    changes.products.push_back({.after = NewProduct(product, model::ProductKind::kService)});
    changes.products.back().after.unit = model::ProductUnit::kSeat;
  }
  model::Product suite = NewProduct(id, model::ProductKind::kSuite);
  suite.components = products;
  changes.products.push_back({.after = suite});
  changes.service_plans.push_back({.after = NewPlan(plan_id, suite)});
}

model::Customer NewCustomer(int number) {
  model::Customer customer;
  customer.customer_id = absl::StrFormat("bench-%06d", number);
  customer.partner_id = kPartner;
  customer.display_name = absl::StrCat("Bench Bakery ", number);
  customer.city = "Musterstadt";
  customer.region = "Nordrhein-Westfalen";
  customer.country = "DE";
  customer.address = "Lange Strasse 12";
  customer.postal_code = "12345";
  customer.emergency_emails = {"it@bakery.example", "boss@bakery.example"};
  customer.contact_given_name = "Erika";
  customer.contact_family_name = "Mustermann";
  customer.contact_email = "erika.mustermann@bakery.example";
  customer.stamp = NewStamp();
  return customer;
}

}  // namespace

model::Stamp NewStamp() {
  const absl::Time now = absl::FromUnixMicros(absl::ToUnixMicros(absl::Now()));
  return {.revision = 1, .create_time = now, .update_time = now};
}

absl::Status Save(storage::Connection& connection, const model::ChangeSet& changes) {
  RETURN_IF_ERROR(connection.Execute("BEGIN"));
  const absl::Status status = storage::SaveChanges(connection, changes);
  RETURN_IF_ERROR(connection.Execute(status.ok() ? "COMMIT" : "ROLLBACK"));
  return status;
}

model::Product NewProduct(const std::string& id, model::ProductKind kind) {
  model::Product product;
  product.product_id = id;
  product.display_name = id;
  product.kind = kind;
  product.stamp = NewStamp();
  return product;
}

model::ServicePlan NewPlan(const std::string& id, const model::Product& product) {
  model::ServicePlan plan;
  plan.service_plan_id = id;
  plan.partner_id = kPartner;
  plan.display_name = id;
  plan.product_id = product.product_id;
  plan.components = product.components.empty() ? std::vector<std::string>{product.product_id} : product.components;
  plan.terms.version = model::PlanVersion::kFull;
  plan.terms.initial_term_months = 12;
  plan.terms.auto_renewal = true;
  plan.terms.renewal_term_months = 12;
  plan.stamp = NewStamp();
  return plan;
}

absl::Status CreateCatalog(storage::Connection& connection) {
  model::ChangeSet changes;
  changes.partners.push_back({.after = NewPartner(kDistributor, model::PartnerTier::kDistributor)});
  changes.partners.push_back({.after = NewPartner(kPartner, model::PartnerTier::kReseller)});
  changes.partners.back().after.parent_id = kDistributor;
  AddSuite(kSuite, kPlan, {std::begin(kProducts), std::end(kProducts)}, changes);
  AddSuite(kLargeSuite, kLargePlan, LargeSuiteProducts(), changes);
  return Save(connection, changes);
}

absl::StatusOr<std::vector<std::string>> CustomerMaker::Make(int count) {
  std::vector<std::string> ids;
  while (count > 0) {
    model::ChangeSet changes;
    for (int i = std::min(count, kCustomersPerTransaction); i > 0; --i, --count) {
      changes.customers.push_back({.after = NewCustomer(made_++)});
      ids.push_back(changes.customers.back().after.customer_id);
    }
    RETURN_IF_ERROR(Save(connection_, changes));
  }
  return ids;
}

v1::AssignServicePlanRequest AssignPlanRequest(const std::string& customer_id, const std::string& plan_id,
                                               const std::vector<std::string>& products) {
  v1::AssignServicePlanRequest request;
  request.set_parent(domain::CustomerName(customer_id));
  request.set_service_plan(domain::ServicePlanName(plan_id));
  for (const std::string& product : products) {
    v1::LicenseUnits* units = request.add_units();
    units->set_product(domain::ProductName(product));
    units->set_units(kUnits);
  }
  request.mutable_crossgrade()->set_mode(v1::Crossgrade::AUTOMATIC);
  return request;
}

v1::AssignServicePlanRequest AssignRequest(const std::string& customer_id) {
  return AssignPlanRequest(customer_id, kPlan, {std::begin(kProducts), std::end(kProducts)});
}

v1::AssignServicePlanRequest AssignLargeRequest(const std::string& customer_id) {
  return AssignPlanRequest(customer_id, kLargePlan, LargeSuiteProducts());
}

v1::CheckLicenseRequest CheckRequest(const std::string& customer_id, const std::string& product_id,
                                     std::optional<absl::Duration> max_staleness) {
  v1::CheckLicenseRequest request;
  request.set_customer(domain::CustomerName(customer_id));
  request.set_product(domain::ProductName(product_id));
  if (max_staleness.has_value()) request.mutable_max_staleness()->set_seconds(absl::ToInt64Seconds(*max_staleness));
  return request;
}

absl::StatusOr<Licensed> FindLicensed(storage::Connection& connection, std::vector<std::string> customer_ids) {
  Licensed licensed;
  const std::vector<storage::Value> range = {customer_ids.front(), customer_ids.back()};
  {
    constexpr char kSelect[] = "SELECT customer_id, license_id FROM licenses WHERE customer_id BETWEEN ? AND ?";
    ASSIGN_OR_RETURN(const auto rows, connection.Query(kSelect, range));
    while (rows->Next()) licensed.licenses.push_back(domain::LicenseName(rows->String(0), rows->String(1)));
    RETURN_IF_ERROR(rows->status());
  }
  constexpr char kSelect[] = "SELECT customer_id, subscription_id FROM subscriptions WHERE customer_id BETWEEN ? AND ?";
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kSelect, range));
  while (rows->Next()) licensed.subscriptions.push_back(domain::SubscriptionName(rows->String(0), rows->String(1)));
  RETURN_IF_ERROR(rows->status());
  licensed.customers = std::move(customer_ids);
  return licensed;
}

}  // namespace lmp::bench
