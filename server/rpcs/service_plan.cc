#include "server/domain/catalog/service_plan.h"

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "server/domain/catalog/catalog_verbs.h"
#include "server/domain/catalog/plan_state.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/engine/catch_up.h"
#include "server/rpcs/list.h"
#include "server/rpcs/mutation.h"
#include "server/rpcs/of_customer.h"
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

bool Before(const storage::Position& a, const storage::Position& b) {
  return std::tie(a.value, a.key) < std::tie(b.value, b.key);
}

struct AssignableQuery {
  v1::ListAssignableServicePlansRequest request;
  std::string customer_id;
  wire::Filter filter;
  wire::PageRequest page;
};

absl::StatusOr<AssignableQuery> ParseListAssignable(const v1::ListAssignableServicePlansRequest& request,
                                                    const wire::ServerContext& context) {
  wire::Fields fields;
  AssignableQuery query{.request = request, .customer_id = fields.Name("customer", request.customer(), "customers")};
  absl::StatusOr<wire::Filter> filter = wire::Filter::Parse(*v1::AssignableServicePlan::descriptor(), request.filter());
  const absl::StatusOr<wire::PageRequest> page = context.tokens.Parse(request);
  RETURN_IF_ERROR(wire::BothInvalid(wire::BothInvalid(fields.status(), filter.status()), page.status()));
  query.filter = *std::move(filter);
  query.page = *page;
  return query;
}

// Every plan of the customer's partner except those at END_OF_LIFE, by name.
std::vector<const model::ServicePlan*> PlansFor(const model::World& world, const model::Customer& customer) {
  std::vector<const model::ServicePlan*> plans;
  for (const auto& [key, plan] : world.catalog->service_plans) {
    if (plan.partner_id != customer.partner_id || plan.delete_time.has_value()) continue;
    if (domain::PlanStateOf(*world.catalog, plan) != domain::PlanState::kEndOfLife) plans.push_back(&plan);
  }
  std::sort(plans.begin(), plans.end(), [](const model::ServicePlan* a, const model::ServicePlan* b) {
    return std::tie(a->display_name, a->service_plan_id) < std::tie(b->display_name, b->service_plan_id);
  });
  return plans;
}

struct Offer {
  storage::Position position;  // in the order of the list
  const model::ServicePlan& plan;
  const absl::Status refused;  // OK if it can be assigned as it is
};

// Offers the plans behind a place in the list, those that can be assigned first, until one is not taken. A plan is only
// judged when it is its turn, so that a page costs what is on it, and not what the partner has.
void OfferPlans(const model::World& world, const model::Customer& customer, const domain::Env& env,
                const std::optional<storage::Position>& after, absl::FunctionRef<bool(const Offer&)> take) {
  const domain::Holdings holdings(world, customer.customer_id);
  const std::vector<const model::ServicePlan*> plans = PlansFor(world, customer);
  for (const bool assignable : {true, false}) {
    for (const model::ServicePlan* plan : plans) {
      storage::Position position{absl::StrCat(assignable ? "0" : "1", plan->display_name), model::KeyOf(*plan)};
      if (after.has_value() && !Before(*after, position)) continue;
      absl::Status refused = domain::CheckPlanForCustomer(world, customer, holdings, *plan, env);
      const bool can_be = refused.ok() || domain::RefusalOf(refused).reason == domain::reason::kCrossgradeRequired;
      if (can_be == assignable && !take({std::move(position), *plan, std::move(refused)})) return;
    }
  }
}

absl::Status ListAssignable(const Reading& reading, const AssignableQuery& query,
                            v1::ListAssignableServicePlansResponse* response) {
  const domain::Env& env = reading.env;
  RETURN_IF_ERROR(OfCustomer(reading, query.customer_id, std::nullopt).status());
  ASSIGN_OR_RETURN(model::World world,
                   storage::LoadPlansForCustomer(reading.connection, query.customer_id, reading.cache));
  RETURN_IF_ERROR(engine::CatchUp(reading.connection, reading.cache, env.now, world));
  ASSIGN_OR_RETURN(const model::Customer* customer, domain::FindCustomer(world, env.caller, query.customer_id));
  storage::Position last;
  size_t bytes = 0;
  OfferPlans(world, *customer, env, query.page.after, [&](const Offer& offer) {
    v1::AssignableServicePlan plan;
    wire::ToProto(offer.plan, offer.refused, {world, env.today}, &plan);
    if (!query.filter.Matches(plan)) return true;
    if (response->plans_size() == query.page.limit || bytes >= kMaxPageBytes) {
      response->set_next_page_token(reading.tokens.Next(query.request, last));
      return false;
    }
    bytes += plan.ByteSizeLong();
    *response->add_plans() = std::move(plan);
    last = offer.position;
    return true;
  });
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
                      .parse = ParseListAssignable,
                      .read = ListAssignable},
  };
}

}  // namespace lmp::rpcs
