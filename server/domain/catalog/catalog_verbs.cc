#include "server/domain/catalog/catalog_verbs.h"

#include <algorithm>
#include <set>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/catalog/plan_state.h"
#include "server/domain/catalog/product.h"
#include "server/domain/catalog/service_plan.h"
#include "server/domain/lookup.h"
#include "server/domain/period.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/unique.h"
#include "storage/status_macros.h"

namespace lmp::domain {
namespace {

using model::Lifecycle;

// Returns a copy of the product to change. A caller that is bound to a partner may not change the vendor's catalog.
absl::StatusOr<model::Product> FindForChange(const model::World& world, const ProductCommand& command,
                                             const Caller& caller) {
  const std::string name = ProductName(command.id);
  if (!MayChange(caller, "")) return NotFound(reason::kProductNotFound, name);
  ASSIGN_OR_RETURN(const model::Product* product, FindProduct(world, command.id));
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(product->stamp), name));
  return *product;
}

template <class Command>
requires std::is_base_of_v<ServicePlanCommand, Command> absl::StatusOr<model::ServicePlan> FindForChange(
    const model::World& world, const Command& command, const Caller& caller) {
  const std::string name = ServicePlanName(command.id);
  ASSIGN_OR_RETURN(const model::ServicePlan* plan, FindServicePlan(world, caller, command.id));
  if (!MayChange(caller, plan->partner_id)) return NotFound(reason::kServicePlanNotFound, name);
  RETURN_IF_ERROR(FindWritablePartner(world, caller, Command::kVerb, plan->partner_id).status());
  RETURN_IF_ERROR(CheckEtag(command.etag, EtagOf(plan->stamp), name));
  return *plan;
}

std::string Store(model::World& world, model::Product product) {
  std::string id = product.product_id;
  world.MutableCatalog().products[{id, ""}] = std::move(product);
  return id;
}

std::string Store(model::World& world, model::ServicePlan plan) {
  std::string id = plan.service_plan_id;
  world.MutableCatalog().service_plans[{id, ""}] = std::move(plan);
  return id;
}

template <class Command>
absl::StatusOr<std::string> SetEnabled(model::World& world, const Command& command, const Env& env, bool enabled) {
  ASSIGN_OR_RETURN(model::ServicePlan plan, FindForChange(world, command, env.caller));
  if (plan.enabled == enabled) {
    const std::string name = ServicePlanName(command.id);
    return Precondition(reason::kWrongState, name,
                        absl::StrCat(name, " is ", enabled ? "enabled" : "disabled", " already"),
                        {{"state", std::string(NameOf(PlanStateOf(*world.catalog, plan)))}});
  }
  plan.enabled = enabled;
  return Store(world, std::move(plan));
}

absl::Status AlreadyAt(const model::Product& product) {
  const std::string name = ProductName(product.product_id);
  return Precondition(reason::kWrongState, name, absl::StrCat(name, " is at ", NameOf(product.lifecycle), " already"),
                      {{"state", std::string(NameOf(product.lifecycle))}});
}

}  // namespace

model::Footprint ChangeSuiteComponentsCommand::footprint() const {
  model::Footprint footprint = ProductCommand::footprint();
  footprint.products.insert(footprint.products.end(), add.begin(), add.end());
  footprint.affected = {{model::AffectedBy::What::kSuite, id}};
  return footprint;
}

absl::StatusOr<std::string> ChangeSuiteComponents(model::World& world, const ChangeSuiteComponentsCommand& command,
                                                  const Env& env) {
  ASSIGN_OR_RETURN(model::Product suite, FindForChange(world, command, env.caller));
  if (suite.kind != model::ProductKind::kSuite) return InvalidFields({{"name", "is not a SUITE"}});
  RETURN_IF_ERROR(CheckOnSale(*world.catalog, suite));
  std::set<std::string> components(suite.components.begin(), suite.components.end());
  FieldChecks checks;
  checks.Require(!command.add.empty() || !command.remove.empty(), "add_components", "or remove_components is required");
  for (const std::string& id : command.remove) {
    checks.Require(components.erase(id) == 1, "remove_components",
                   absl::StrCat(ProductName(id), " is not a component"));
  }
  for (const std::string& id : command.add) {
    ASSIGN_OR_RETURN(const model::Product* product, FindProduct(world, id));
    checks.Require(product->kind != model::ProductKind::kSuite, "add_components",
                   absl::StrCat(ProductName(id), " is itself a SUITE"));
    checks.Require(components.insert(id).second, "add_components",
                   absl::StrCat(ProductName(id), " is a component already"));
  }
  RETURN_IF_ERROR(InvalidFields(checks.Take()));
  const char* const field = components.size() > suite.components.size() ? "add_components" : "remove_components";
  const model::Product before = suite;
  suite.components.assign(components.begin(), components.end());
  std::vector<FieldViolation> violations = Brought(before, suite, ProductViolations);
  for (FieldViolation& violation : violations) violation.field = field;  // only the number of components can be wrong
  RETURN_IF_ERROR(InvalidFields(std::move(violations)));
  return Store(world, std::move(suite));
}

absl::StatusOr<std::string> EndProductSale(model::World& world, const EndProductSaleCommand& command, const Env& env) {
  ASSIGN_OR_RETURN(model::Product product, FindForChange(world, command, env.caller));
  if (product.lifecycle != Lifecycle::kOnSale) return AlreadyAt(product);
  product.lifecycle = Lifecycle::kEndOfSale;
  return Store(world, std::move(product));
}

absl::StatusOr<std::string> EndProductLife(model::World& world, const EndProductLifeCommand& command, const Env& env) {
  ASSIGN_OR_RETURN(model::Product product, FindForChange(world, command, env.caller));
  if (product.lifecycle == Lifecycle::kEndOfLife) return AlreadyAt(product);
  const Date day = command.end_date.value_or(env.today);
  if (day < env.today || day > AddMonths(env.today, kMaxTermMonths)) {
    return Refuse(absl::StatusCode::kOutOfRange, "end_date must be today or later, at most 66 months away",
                  {.reason = reason::kDateOutOfRange,
                   .violations = {{"end_date", "must be today or later, at most 66 months away"}}});
  }
  product.lifecycle = Lifecycle::kEndOfLife;
  product.end_of_life_date = day;
  return Store(world, std::move(product));
}

absl::StatusOr<std::string> EnableServicePlan(model::World& world, const EnableServicePlanCommand& command,
                                              const Env& env) {
  return SetEnabled(world, command, env, true);
}

absl::StatusOr<std::string> DisableServicePlan(model::World& world, const DisableServicePlanCommand& command,
                                               const Env& env) {
  return SetEnabled(world, command, env, false);
}

absl::StatusOr<std::string> DeleteServicePlan(model::World& world, const DeleteServicePlanCommand& command,
                                              const Env& env) {
  ASSIGN_OR_RETURN(model::ServicePlan plan, FindForChange(world, command, env.caller));
  plan.delete_time = env.now;
  ReleaseUnique(world, {model::kUniquePlanName, plan.partner_id, plan.display_name});  // nothing brings the plan back
  return Store(world, std::move(plan));
}

absl::StatusOr<std::string> ApproveServicePlan(model::World& world, const ApproveServicePlanCommand& command,
                                               const Env& env) {
  ASSIGN_OR_RETURN(model::ServicePlan plan, FindForChange(world, command, env.caller));
  const model::Product& product = *Find(world.catalog->products, plan.product_id);
  RETURN_IF_ERROR(CheckOnSale(*world.catalog, product));
  if (plan.components == CompositionOf(product)) {
    const std::string name = ServicePlanName(command.id);
    return Precondition(reason::kWrongState, name, absl::StrCat(name, " is not locked: there is nothing to approve"),
                        {{"state", std::string(NameOf(PlanStateOf(*world.catalog, plan)))}});
  }
  const model::ServicePlan before = plan;
  plan.components = CompositionOf(product);
  if (!command.data_center.empty()) plan.terms.data_center = command.data_center;
  RETURN_IF_ERROR(InvalidFields(Brought(before, plan, ServicePlanViolations)));
  return Store(world, std::move(plan));
}

}  // namespace lmp::domain
