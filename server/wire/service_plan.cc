#include "server/wire/service_plan.h"

#include "server/domain/catalog/plan_state.h"
#include "server/domain/lookup.h"
#include "server/domain/refusal.h"
#include "server/wire/mutation_request.h"
#include "server/wire/product.h"
#include "server/wire/status.h"

namespace lmp::wire {
namespace {

model::ServicePlan ToRow(const v1::ServicePlan& plan, Fields& fields) {
  model::ServicePlan row;
  row.partner_id = fields.OptionalName("service_plan.partner", plan.partner(), "partners");
  row.display_name = plan.display_name();
  row.product_id = fields.OptionalName("service_plan.product", plan.product(), "products");
  model::PlanTerms& terms = row.terms;
  terms.version = fields.Enum<model::PlanVersion>("service_plan.version", plan.version(),
                                                  v1::ServicePlan::Version_IsValid(plan.version()));
  if (terms.version == model::PlanVersion::kUnspecified) terms.version = model::PlanVersion::kFull;
  terms.nfr = plan.nfr();
  terms.initial_term_months = plan.initial_term_months();
  terms.auto_renewal = plan.auto_renewal();
  terms.renewal_term_months = plan.renewal_term_months();
  if (plan.has_grace_period_days()) terms.grace_period_days = plan.grace_period_days();
  if (plan.has_expiration_notice_days()) terms.expiration_notice_days = plan.expiration_notice_days();
  terms.activation_policy =
      fields.Enum<model::ActivationPolicy>("service_plan.activation_policy", plan.activation_policy(),
                                           v1::ServicePlan::ActivationPolicy_IsValid(plan.activation_policy()));
  if (terms.activation_policy == model::ActivationPolicy::kUnspecified) {
    terms.activation_policy = model::ActivationPolicy::kOnAssignment;
  }
  terms.data_center = plan.data_center();
  return row;
}

using Plan = v1::AssignableServicePlan;

void SetAssignability(const absl::Status& status, Plan* out) {
  if (status.ok()) {
    out->set_assignability(Plan::ASSIGNABLE);
    return;
  }
  const domain::Refusal refusal = domain::RefusalOf(status);
  v1::ErrorReason reason = v1::ERROR_REASON_UNSPECIFIED;
  v1::ErrorReason_Parse(refusal.reason, &reason);
  if (reason == v1::CROSSGRADE_REQUIRED) {
    out->set_assignability(Plan::CROSSGRADE_REQUIRED);
    for (const domain::Duplicate& duplicate : refusal.duplicates) ToProto(duplicate, out->add_duplicates());
    return;
  }
  out->set_assignability(Plan::NOT_ASSIGNABLE);
  out->set_reason(reason);
  out->set_explanation(std::string(status.message()));
}

}  // namespace

absl::StatusOr<domain::CreateServicePlanCommand> ParseCreateServicePlan(const v1::CreateServicePlanRequest& request,
                                                                        const ServerContext& context) {
  Fields fields;
  domain::CreateServicePlanCommand command;
  fields.ChosenId("service_plan_id", request.service_plan_id());
  command.plan = ToRow(request.service_plan(), fields);
  command.plan.service_plan_id = context.IdOr(request.service_plan_id());
  domain::CompletePlan(command.plan);
  fields.Fail(domain::ServicePlanViolations(command.plan), "service_plan.");
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<std::string> ParseGetServicePlan(const v1::GetServicePlanRequest& request) {
  return ParseName("name", request.name(), "servicePlans");
}

absl::StatusOr<domain::UpdateServicePlanCommand> ParseUpdateServicePlan(const v1::UpdateServicePlanRequest& request) {
  static const auto& updatable = *new std::vector<absl::string_view>{
      "display_name",      "initial_term_months",    "auto_renewal",      "renewal_term_months",
      "grace_period_days", "expiration_notice_days", "activation_policy", "data_center"};
  Fields fields;
  domain::UpdateServicePlanCommand command;
  command.service_plan_id = fields.Name("service_plan.name", request.service_plan().name(), "servicePlans");
  command.etag = request.service_plan().etag();
  command.patch.values = ToRow(request.service_plan(), fields);
  command.patch.columns = fields.Mask(request.update_mask(), request.service_plan(), updatable);
  // The ranges depend on the plan's version and on each other, so the decision checks the whole plan.
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::ApproveServicePlanCommand> ParseApproveServicePlan(
    const v1::ApproveServicePlanRequest& request) {
  ASSIGN_OR_RETURN(auto command, ParseNameAndEtag<domain::ApproveServicePlanCommand>(request));
  command.data_center = request.data_center();
  return command;
}

void RenderServicePlan(const engine::Decision& decided, const std::string& service_plan_id, v1::ServicePlan* out) {
  ToProto(*Find(decided.after.catalog->service_plans, service_plan_id), After(decided), out);
}

void ToProto(const model::ServicePlan& row, const absl::Status& refused, const View& view, Plan* out) {
  ToProto(row, view, out->mutable_service_plan());
  SetAssignability(refused, out);
  for (const std::string& id : row.components) ToProto(*Find(view.world.catalog->products, id), view, out->add_products());
}

void ToProto(const model::ServicePlan& row, const View& view, v1::ServicePlan* out) {
  out->set_name(domain::ServicePlanName(row.service_plan_id));
  out->set_partner(domain::PartnerName(row.partner_id));
  out->set_display_name(row.display_name);
  out->set_product(domain::ProductName(row.product_id));
  SetTerms(row.terms, out);
  out->set_enabled(row.enabled);
  for (const std::string& id : row.components) out->add_components(domain::ProductName(id));
  out->set_state(static_cast<v1::ServicePlan::State>(domain::PlanStateOf(*view.world.catalog, row)));
  if (row.delete_time.has_value()) ToProto(*row.delete_time, out->mutable_delete_time());
  SetStamp(row.stamp, out);
}

}  // namespace lmp::wire
