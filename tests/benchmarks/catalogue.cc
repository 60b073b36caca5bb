#include "tests/benchmarks/catalogue.h"

#include <algorithm>

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
constexpr char kPartner[] = "bench-msp";
constexpr char kSuite[] = "bench-suite";
constexpr int kCustomersPerTransaction = 2000;

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

model::Partner NewPartner(const std::string& id, model::PartnerTier tier) {
  model::Partner partner;
  partner.partner_id = id;
  partner.display_name = id;
  partner.tier = tier;
  partner.stamp = NewStamp();
  return partner;
}

model::Product NewProduct(const std::string& id, model::ProductKind kind) {
  model::Product product;
  product.product_id = id;
  product.display_name = id;
  product.kind = kind;
  product.stamp = NewStamp();
  return product;
}

model::ServicePlan NewPlan(const model::Product& suite) {
  model::ServicePlan plan;
  plan.service_plan_id = kPlan;
  plan.partner_id = kPartner;
  plan.display_name = "Suite, annual";
  plan.product_id = suite.product_id;
  plan.components = suite.components;
  plan.terms.version = model::PlanVersion::kFull;
  plan.terms.initial_term_months = 12;
  plan.terms.auto_renewal = true;
  plan.terms.renewal_term_months = 12;
  plan.stamp = NewStamp();
  return plan;
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

absl::Status CreateCatalogue(storage::Connection& connection) {
  model::ChangeSet changes;
  changes.partners.push_back({.after = NewPartner(kDistributor, model::PartnerTier::kDistributor)});
  changes.partners.push_back({.after = NewPartner(kPartner, model::PartnerTier::kReseller)});
  changes.partners.back().after.parent_id = kDistributor;
  model::Product suite = NewProduct(kSuite, model::ProductKind::kSuite);
  for (const char* id : kProducts) {
    suite.components.push_back(id);
    changes.products.push_back({.after = NewProduct(id, model::ProductKind::kService)});
    changes.products.back().after.unit = model::ProductUnit::kSeat;
  }
  changes.products.push_back({.after = suite});
  changes.service_plans.push_back({.after = NewPlan(suite)});
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

v1::AssignServicePlanRequest AssignRequest(const std::string& customer_id) {
  v1::AssignServicePlanRequest request;
  request.set_parent(domain::CustomerName(customer_id));
  request.set_service_plan(domain::ServicePlanName(kPlan));
  for (const char* product : kProducts) {
    v1::LicenseUnits* units = request.add_units();
    units->set_product(domain::ProductName(product));
    units->set_units(kUnits);
  }
  request.mutable_crossgrade()->set_mode(v1::Crossgrade::AUTOMATIC);
  return request;
}

v1::CheckLicenseRequest CheckRequest(const std::string& customer_id, const std::string& product_id) {
  v1::CheckLicenseRequest request;
  request.set_customer(domain::CustomerName(customer_id));
  request.set_product(domain::ProductName(product_id));
  return request;
}

}  // namespace lmp::bench
