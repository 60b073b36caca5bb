#include "server/wire/requests.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/wire/fields.h"
#include "storage/status_macros.h"

namespace lmp::wire {
namespace {

std::optional<std::string> OrNone(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

model::Customer ToRow(const v1::Customer& customer, Fields& fields) {
  model::Customer row;
  row.partner_id = fields.OptionalName("customer.partner", customer.partner(), "partners");
  row.display_name = customer.display_name();
  row.city = customer.city();
  row.region = customer.region();
  row.country = customer.country();
  row.address = customer.address();
  row.postal_code = customer.postal_code();
  row.industry = customer.industry();
  row.note = customer.note();
  row.emergency_emails.assign(customer.emergency_emails().begin(), customer.emergency_emails().end());
  row.contact_given_name = customer.contact().given_name();
  row.contact_family_name = customer.contact().family_name();
  row.contact_email = customer.contact().email();
  row.external_id = OrNone(customer.external_id());
  row.annotations.insert(customer.annotations().begin(), customer.annotations().end());
  return row;
}

model::Product ToRow(const v1::Product& product, Fields& fields) {
  model::Product row;
  row.display_name = product.display_name();
  row.kind = fields.Enum<model::ProductKind>("product.kind", product.kind(), v1::Product::Kind_IsValid(product.kind()));
  row.unit = fields.Enum<model::ProductUnit>("product.unit", product.unit(), v1::Product::Unit_IsValid(product.unit()));
  if (product.min_units() != 0) row.min_units = product.min_units();
  if (product.max_units() != 0) row.max_units = product.max_units();
  row.nfr_allowed = product.nfr_allowed();
  row.family = product.family();
  row.level = product.level();
  for (int i = 0; i < product.components_size(); ++i) {
    row.components.push_back(
        fields.Name(absl::StrCat("product.components[", i, "]"), product.components(i), "products"));
  }
  std::sort(row.components.begin(), row.components.end());
  return row;
}

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
  terms.activation_policy = fields.Enum<model::ActivationPolicy>(
      "service_plan.activation_policy", plan.activation_policy(),
      v1::ServicePlan::ActivationPolicy_IsValid(plan.activation_policy()));
  if (terms.activation_policy == model::ActivationPolicy::kUnspecified) {
    terms.activation_policy = model::ActivationPolicy::kOnAssignment;
  }
  terms.data_center = plan.data_center();
  return row;
}

// Violations of an update count only for what it sets: the rest is in order already, or not the caller's doing. Whether a value
// differs from what is, and so counts at all, the decision knows: here they are told only beside what is wrong in any case.
void FailToo(const std::set<std::string>& columns, std::vector<domain::FieldViolation> violations, absl::string_view prefix,
             Fields& fields) {
  if (fields.status().ok()) return;
  std::erase_if(violations, [&](const domain::FieldViolation& violation) {
    std::string column = violation.field.substr(0, violation.field.find('['));
    std::replace(column.begin(), column.end(), '.', '_');
    return !columns.contains(column);
  });
  fields.Fail(std::move(violations), prefix);
}

}  // namespace

absl::StatusOr<domain::CreatePartnerCommand> ParseCreatePartner(const v1::CreatePartnerRequest& request, const ServerContext& context) {
  Fields fields;
  domain::CreatePartnerCommand command;
  const v1::Partner& partner = request.partner();
  fields.ChosenId("partner_id", request.partner_id());
  command.partner.partner_id = context.IdOr(request.partner_id());
  command.partner.display_name = partner.display_name();
  command.partner.tier = fields.Enum<model::PartnerTier>("partner.tier", partner.tier(),
                                                         v1::Partner::Tier_IsValid(partner.tier()));
  command.partner.parent_id = OrNone(fields.OptionalName("partner.parent", partner.parent(), "partners"));
  fields.Fail(domain::PartnerViolations(command.partner), "partner.");
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::CreateCustomerCommand> ParseCreateCustomer(const v1::CreateCustomerRequest& request, const ServerContext& context) {
  Fields fields;
  domain::CreateCustomerCommand command;
  fields.ChosenId("customer_id", request.customer_id());
  command.customer = ToRow(request.customer(), fields);
  command.customer.customer_id = context.IdOr(request.customer_id());
  fields.Fail(domain::CustomerViolations(command.customer), "customer.");
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::UpdateCustomerCommand> ParseUpdateCustomer(const v1::UpdateCustomerRequest& request) {
  static const auto& updatable = *new std::vector<absl::string_view>{
      "display_name", "city",           "region",             "country",             "address",
      "postal_code",  "industry",       "note",               "emergency_emails",    "contact.given_name",
      "contact.family_name", "contact.email", "external_id", "annotations"};
  Fields fields;
  domain::UpdateCustomerCommand command;
  command.customer_id = fields.Name("customer.name", request.customer().name(), "customers");
  command.etag = request.customer().etag();
  command.patch.values = ToRow(request.customer(), fields);
  command.patch.columns = fields.Mask(request.update_mask(), request.customer(), updatable);
  FailToo(command.patch.columns, domain::CustomerViolations(command.patch.values), "customer.", fields);
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::CreateProductCommand> ParseCreateProduct(const v1::CreateProductRequest& request, const ServerContext& context) {
  Fields fields;
  domain::CreateProductCommand command;
  fields.ChosenId("product_id", request.product_id());
  command.product = ToRow(request.product(), fields);
  command.product.product_id = context.IdOr(request.product_id());
  fields.Fail(domain::ProductViolations(command.product), "product.");
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::UpdateProductCommand> ParseUpdateProduct(const v1::UpdateProductRequest& request) {
  static const auto& updatable = *new std::vector<absl::string_view>{"display_name", "min_units", "max_units",
                                                                     "nfr_allowed",  "family",    "level"};
  Fields fields;
  domain::UpdateProductCommand command;
  command.product_id = fields.Name("product.name", request.product().name(), "products");
  command.etag = request.product().etag();
  command.patch.values = ToRow(request.product(), fields);
  command.patch.columns = fields.Mask(request.update_mask(), request.product(), updatable);
  FailToo(command.patch.columns, domain::ProductViolations(command.patch.values), "product.", fields);
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::CreateServicePlanCommand> ParseCreateServicePlan(const v1::CreateServicePlanRequest& request, const ServerContext& context) {
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
  // Ranges depend on the plan's version and on each other: the decision checks the whole plan.
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::Status CheckRequestId(const std::string& request_id) {
  if (request_id.empty()) return absl::OkStatus();
  bool valid = request_id.size() == 36;
  for (size_t i = 0; valid && i < request_id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    valid = dash ? request_id[i] == '-' : absl::ascii_isxdigit(static_cast<unsigned char>(request_id[i]));
  }
  if (valid) return absl::OkStatus();
  return domain::InvalidFields({{"request_id", "must be a UUID like \"123e4567-e89b-42d3-a456-426614174000\""}});
}

std::string RequestIdOf(const std::string& given) { return absl::AsciiStrToLower(given); }

}  // namespace lmp::wire
