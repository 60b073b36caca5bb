#include "tests/domain/life.h"

#include <gmock/gmock.h>

#include "absl/strings/str_cat.h"
#include "server/domain/invariants.h"
#include "server/domain/license_status.h"
#include "server/domain/plan_assignment.h"
#include "server/domain/pool.h"
#include "server/domain/refusal.h"
#include "server/domain/time_passing.h"
#include "storage/model/change_set.h"
#include "tests/domain/demo_catalogue.h"

namespace lmp::domain {
namespace {

// Time, as the engine lets it pass; returns what it did.
std::vector<std::string> Pass(model::World& world, Date today) {
  std::vector<std::string> steps;
  while (const auto step = PassTime(world, Life::kCustomer, today)) {
    SetTimeMarks(world);
    steps.push_back(absl::StrCat(step->event_kind, " ", absl::FormatCivilTime(step->effective_date)));
    if (steps.size() > 1000) {
      ADD_FAILURE() << "time does not come to an end";
      break;
    }
  }
  return steps;
}

}  // namespace

Life::Life() {
  world.catalogue = TheDemoCatalogue().catalogue;
  world.customers[{kCustomer, ""}] = {.customer_id = kCustomer, .partner_id = "msp-one", .display_name = "Acme"};
}

Life& Life::On(int year, int month, int day) {
  today = Date(year, month, day);
  return *this;
}

std::string Life::Run(const std::function<absl::Status(model::World&, const Env&)>& decide) {
  const Env env{absl::FromCivil(today, absl::UTCTimeZone()) + absl::Hours(15), today, caller_, ids_};
  model::World after = world;
  const std::vector<std::string> steps = Pass(after, today);
  const model::World before = after;
  absl::Status status = decide(after, env);
  if (status.ok()) status = SettlePools(before, after);
  if (!status.ok()) return RefusalOf(status).reason.empty() ? status.ToString() : RefusalOf(status).reason;
  SetTimeMarks(after);
  EXPECT_THAT(InvariantViolations(after, today), testing::IsEmpty());
  world = after;
  steps_.insert(steps_.end(), steps.begin(), steps.end());
  return "OK";
}

void Life::TimePasses() {
  Run([](model::World&, const Env&) { return absl::OkStatus(); });
}

std::string Life::Assign(const std::string& plan, int units) {
  AssignServicePlanCommand command{.customer_id = kCustomer, .service_plan_id = plan};
  for (const std::string& id : Find(world.catalogue->service_plans, plan)->components) command.units[id] = units;
  std::string id;
  EXPECT_EQ("OK", Run([&](model::World& after, const Env& env) {
              auto result = AssignServicePlan(after, command, env);
              if (result.ok()) id = result->subscription_id;
              return result.status();
            }));
  return id;
}

model::World Life::Now() const {
  model::World now = world;
  Pass(now, today);
  return now;
}

const model::Subscription Life::Subscription(const std::string& id) const {
  return *Find(Now().subscriptions, kCustomer, id);
}

const model::License Life::License(const std::string& product) const {
  model::License found;
  const model::World now = Now();
  for (const auto& [key, license] : now.licenses) {
    if (license.product_id == product && (found.license_id.empty() || !license.closed)) found = license;
  }
  return found;
}

std::string Life::StateOf(const std::string& product) const {
  const model::World now = Now();
  return std::string(NameOf(LicenseStateIn(now, License(product), today)));
}

}  // namespace lmp::domain
