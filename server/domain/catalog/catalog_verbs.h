// The life of products, suites and plans. [LMP]
#ifndef LMP_SERVER_DOMAIN_CATALOG_CATALOG_VERBS_H_
#define LMP_SERVER_DOMAIN_CATALOG_CATALOG_VERBS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/standing.h"
#include "storage/model/world.h"

namespace lmp::domain {

struct ProductCommand {
  static constexpr char kCollection[] = "products";
  std::string id;
  std::string etag;

  model::Footprint footprint() const { return {.changes_catalog = true, .products = {id}}; }
};

struct ChangeSuiteComponentsCommand : ProductCommand {
  std::vector<std::string> add, remove;  // product ids

  model::Footprint footprint() const;
};
// Its footprint also asks what hangs on the product (Footprint::affected).
struct ProductEndCommand : ProductCommand {
  model::Footprint footprint() const {
    model::Footprint footprint = ProductCommand::footprint();
    footprint.affected = {{model::AffectedBy::What::kProduct, id}};
    return footprint;
  }
};
struct EndProductSaleCommand : ProductEndCommand {};
struct EndProductLifeCommand : ProductEndCommand {
  std::optional<Date> end_date;  // empty: today
};

// Each returns the product's id. Plans on a changed suite become LOCKED: their approved composition is another one than
// before (plan_state.h). Errors: those of lmp.v1.LicensingService.
absl::StatusOr<std::string> ChangeSuiteComponents(model::World& world, const ChangeSuiteComponentsCommand& command,
                                                  const Env& env);
absl::StatusOr<std::string> EndProductSale(model::World& world, const EndProductSaleCommand& command, const Env& env);
absl::StatusOr<std::string> EndProductLife(model::World& world, const EndProductLifeCommand& command, const Env& env);

struct ServicePlanCommand {
  static constexpr char kCollection[] = "servicePlans";
  std::string id;
  std::string etag;

  model::Footprint footprint() const { return {.changes_catalog = true, .service_plans = {id}}; }
};

struct EnableServicePlanCommand : ServicePlanCommand {
  static constexpr Verb kVerb = Verb::kEnableServicePlan;
};
struct DisableServicePlanCommand : ServicePlanCommand {
  static constexpr Verb kVerb = Verb::kDisableServicePlan;
};
struct DeleteServicePlanCommand : ServicePlanCommand {
  static constexpr Verb kVerb = Verb::kDeleteServicePlan;
};
struct ApproveServicePlanCommand : ServicePlanCommand {
  static constexpr Verb kVerb = Verb::kApproveServicePlan;
  std::string data_center;  // empty: stays as it is
};

// Each returns the plan's id. Errors: those of lmp.v1.LicensingService.
absl::StatusOr<std::string> EnableServicePlan(model::World& world, const EnableServicePlanCommand& command,
                                              const Env& env);
absl::StatusOr<std::string> DisableServicePlan(model::World& world, const DisableServicePlanCommand& command,
                                               const Env& env);
absl::StatusOr<std::string> DeleteServicePlan(model::World& world, const DeleteServicePlanCommand& command,
                                              const Env& env);
absl::StatusOr<std::string> ApproveServicePlan(model::World& world, const ApproveServicePlanCommand& command,
                                               const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_CATALOG_CATALOG_VERBS_H_
