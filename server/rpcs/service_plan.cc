#include "server/domain/catalog/service_plan.h"

#include <string>
#include <vector>

#include "server/domain/catalog/catalog_verbs.h"
#include "server/domain/lookup.h"
#include "server/engine/catch_up.h"
#include "server/rpcs/list.h"
#include "server/rpcs/mutation.h"
#include "server/rpcs/query.h"
#include "server/rpcs/snapshot_read.h"
#include "server/wire/mutation_request.h"
#include "server/wire/service_plan.h"
#include "storage/list_queries.h"

namespace lmp::rpcs {
namespace {

using Changes = wire::IndexedField::Changes;

model::Footprint FootprintOfServicePlan(const std::string& id) { return {.service_plans = {id}}; }

absl::Status RespondServicePlan(const model::World& world, const std::string& id, const domain::Env& env,
                                v1::ServicePlan* response) {
  ASSIGN_OR_RETURN(const model::ServicePlan* plan, domain::FindServicePlan(world, env.caller, id));
  wire::ToProto(*plan, {world, env.today}, response);
  return absl::OkStatus();
}

// Plans of products at END_OF_LIFE are hidden. [LMP]
bool ShowsPlan(const v1::ListServicePlansRequest& request, const v1::ServicePlan& plan) {
  return request.show_deleted() || (!plan.has_delete_time() && plan.state() != v1::ServicePlan::END_OF_LIFE);
}

Listing<v1::ListServicePlansRequest, v1::ListServicePlansResponse, model::ServicePlan, v1::ServicePlan> ServicePlans() {
  return {.find = {{"partner", "partner_id", "partners", Changes::kNever},
                   {"product", "product_id", "products", Changes::kNever}},
          .orders = {{"display_name", "display_name"}},
          .shows = ShowsPlan};
}

absl::Status ListAssignable(const Reading& reading, const std::string& customer_id,
                            v1::ListAssignableServicePlansResponse* response) {
  const domain::Env& env = reading.env;
  ASSIGN_OR_RETURN(model::World world, storage::LoadPlansForCustomer(reading.connection, customer_id, reading.cache));
  RETURN_IF_ERROR(engine::CatchUp(reading.connection, reading.cache, env.now, world));
  ASSIGN_OR_RETURN(const model::Customer* customer, domain::FindCustomer(world, env.caller, customer_id));
  wire::RenderAssignable({world, env.today}, *customer, env, response);
  return absl::OkStatus();
}

}  // namespace

std::vector<Rpc> ServicePlanRpcs() {
  return {
      MutationRpc{.name = "CreateServicePlan",
                  .event = event::kServicePlanCreated,
                  .needs = Permission::kManageServicePlans,
                  .parse = wire::ParseCreateServicePlan,
                  .decide = domain::CreateServicePlan,
                  .render = wire::RenderServicePlan},
      QueryRpc{.name = "GetServicePlan",
               .needs = Permission::kReadCatalog,
               .parse = wire::ParseGetServicePlan,
               .footprint = FootprintOfServicePlan,
               .respond = RespondServicePlan},
      ListRpc{.name = "ListServicePlans", .needs = Permission::kReadCatalog, .list = ServicePlans()},
      MutationRpc{.name = "UpdateServicePlan",
                  .event = event::kServicePlanUpdated,
                  .needs = Permission::kManageServicePlans,
                  .parse = wire::ParseUpdateServicePlan,
                  .decide = domain::UpdateServicePlan,
                  .render = wire::RenderServicePlan},
      MutationRpc{.name = "EnableServicePlan",
                  .event = event::kServicePlanEnabled,
                  .needs = Permission::kManageServicePlans,
                  .parse = wire::ParseNamed<v1::EnableServicePlanRequest, domain::EnableServicePlanCommand>,
                  .decide = domain::EnableServicePlan,
                  .render = wire::RenderServicePlan},
      MutationRpc{.name = "DisableServicePlan",
                  .event = event::kServicePlanDisabled,
                  .needs = Permission::kManageServicePlans,
                  .parse = wire::ParseNamed<v1::DisableServicePlanRequest, domain::DisableServicePlanCommand>,
                  .decide = domain::DisableServicePlan,
                  .render = wire::RenderServicePlan},
      MutationRpc{.name = "DeleteServicePlan",
                  .event = event::kServicePlanDeleted,
                  .needs = Permission::kManageServicePlans,
                  .parse = wire::ParseNamed<v1::DeleteServicePlanRequest, domain::DeleteServicePlanCommand>,
                  .decide = domain::DeleteServicePlan,
                  .render = wire::RenderServicePlan},
      MutationRpc{.name = "ApproveServicePlan",
                  .event = event::kServicePlanApproved,
                  .needs = Permission::kManageServicePlans,
                  .parse = wire::ParseApproveServicePlan,
                  .decide = domain::ApproveServicePlan,
                  .render = wire::RenderServicePlan},
      SnapshotReadRpc{.name = "ListAssignableServicePlans",
                      .needs = Permission::kReadCatalog,
                      .parse = wire::ParseListAssignable,
                      .read = ListAssignable},
  };
}

}  // namespace lmp::rpcs
