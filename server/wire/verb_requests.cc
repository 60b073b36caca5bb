#include "server/wire/verb_requests.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/domain/customer/partner.h"
#include "server/wire/plan_requests.h"

namespace lmp::wire {
namespace {

constexpr int kMaxUnits = 999'999;

std::optional<model::Date> OptionalDate(Fields& fields, absl::string_view field, bool has, const google::type::Date& date) {
  return has ? fields.Date(field, date) : std::nullopt;
}

// The fields that an update of a subscription may set, by the mask.
void ParseTerms(Fields& fields, const v1::UpdateSubscriptionRequest& request, domain::TermsChange& change) {
  static const auto& updatable = *new std::vector<absl::string_view>{"expiration_date", "auto_renewal",
                                                                     "renewal_term_months", "expiration_notice_days"};
  const v1::Subscription& subscription = request.subscription();
  const std::set<std::string> columns = fields.Mask(request.update_mask(), subscription, updatable);
  if (columns.contains("expiration_date")) {
    change.expiration_date = fields.Date("subscription.expiration_date", subscription.expiration_date());
  }
  if (columns.contains("auto_renewal")) change.auto_renewal = subscription.auto_renewal();
  if (columns.contains("renewal_term_months")) change.renewal_term_months = subscription.renewal_term_months();
  if (columns.contains("expiration_notice_days")) change.expiration_notice_days = subscription.expiration_notice_days();
  change.units = ParseUnits(fields, "units", request.units());
}

}  // namespace

void SetName(Fields& fields, const std::string& name, domain::SubscriptionCommand& command) {
  std::tie(command.customer_id, command.subscription_id) = fields.ChildName("name", name, "customers", "subscriptions");
}

void SetName(Fields& fields, const std::string& name, domain::LicenseCommand& command) {
  std::tie(command.customer_id, command.license_id) = fields.ChildName("name", name, "customers", "licenses");
}

void SetName(Fields& fields, const std::string& name, domain::PoolCommand& command) {
  std::tie(command.partner_id, command.product_id) = fields.ChildName("name", name, "partners", "licensePools");
}

void SetName(Fields& fields, const std::string& name, domain::CancelScheduledChangeCommand& command) {
  std::tie(command.customer_id, command.change_id) = fields.ChildName("name", name, "customers", "scheduledChanges");
}

absl::Status HasOnlyAName(const google::protobuf::Descriptor& request) {
  static const auto& common =
      *new std::set<std::string>{"name", "etag", "request_id", "validate_only", "preview_token"};
  for (int i = 0; i < request.field_count(); ++i) {
    if (common.contains(request.field(i)->name())) continue;
    return absl::InternalError(absl::StrCat("nobody reads ", request.field(i)->full_name()));
  }
  return absl::OkStatus();
}

absl::StatusOr<domain::UpdatePartnerCommand> ParseUpdatePartner(const v1::UpdatePartnerRequest& request) {
  Fields fields;
  domain::UpdatePartnerCommand command;
  command.id = fields.Name("partner.name", request.partner().name(), "partners");
  command.etag = request.partner().etag();
  command.patch.values.display_name = request.partner().display_name();
  command.patch.values.tier = static_cast<model::PartnerTier>(request.partner().tier());
  if (!request.partner().parent().empty()) {
    command.patch.values.parent_id = fields.Name("partner.parent", request.partner().parent(), "partners");
  }
  command.patch.columns = fields.Mask(request.update_mask(), request.partner(), {"display_name"});
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::DeleteCustomerCommand> ParseDeleteCustomer(const v1::DeleteCustomerRequest& request) {
  ASSIGN_OR_RETURN(auto command, ParseNameAndEtag<domain::DeleteCustomerCommand>(request));
  command.force = request.force();
  return command;
}

absl::StatusOr<domain::ChangeSuiteComponentsCommand> ParseChangeSuiteComponents(const v1::ChangeSuiteComponentsRequest& request) {
  Fields fields;
  domain::ChangeSuiteComponentsCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  for (int i = 0; i < request.add_components_size(); ++i) {
    command.add.push_back(fields.Name(absl::StrCat("add_components[", i, "]"), request.add_components(i), "products"));
  }
  for (int i = 0; i < request.remove_components_size(); ++i) {
    command.remove.push_back(
        fields.Name(absl::StrCat("remove_components[", i, "]"), request.remove_components(i), "products"));
  }
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::EndProductLifeCommand> ParseEndProductLife(const v1::EndProductLifeRequest& request) {
  Fields fields;
  domain::EndProductLifeCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.end_date = OptionalDate(fields, "end_date", request.has_end_date(), request.end_date());
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::ApproveServicePlanCommand> ParseApproveServicePlan(const v1::ApproveServicePlanRequest& request) {
  ASSIGN_OR_RETURN(auto command, ParseNameAndEtag<domain::ApproveServicePlanCommand>(request));
  command.data_center = request.data_center();
  return command;
}

absl::StatusOr<domain::UpdateSubscriptionCommand> ParseUpdateSubscription(const v1::UpdateSubscriptionRequest& request) {
  Fields fields;
  domain::UpdateSubscriptionCommand command;
  std::tie(command.customer_id, command.subscription_id) =
      fields.ChildName("subscription.name", request.subscription().name(), "customers", "subscriptions");
  command.etag = request.subscription().etag();
  ParseTerms(fields, request, command.change);
  if (request.has_align()) {
    ParseAlignment(fields, request.align(), command.customer_id, command.align.subscription, command.align.date);
  }
  command.effective_date = OptionalDate(fields, "effective_date", request.has_effective_date(), request.effective_date());
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::ChangeServicePlanCommand> ParseChangeServicePlan(const v1::ChangeServicePlanRequest& request) {
  Fields fields;
  domain::ChangeServicePlanCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.service_plan_id = fields.Name("service_plan", request.service_plan(), "servicePlans");
  if (request.units() != 0) command.units = request.units();
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::RenewSubscriptionCommand> ParseRenewSubscription(const v1::RenewSubscriptionRequest& request) {
  Fields fields;
  domain::RenewSubscriptionCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  if (request.term_months() != 0) command.term_months = request.term_months();
  if (request.has_align()) {
    if (command.term_months.has_value()) {
      fields.Fail("align", "excludes term_months: both say when it ends");
      fields.Fail("term_months", "excludes align: both say when it ends");
    }
    ParseAlignment(fields, request.align(), command.customer_id, command.align.subscription, command.align.date);
  }
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::SuspendSubscriptionCommand> ParseSuspendSubscription(const v1::SuspendSubscriptionRequest& request) {
  Fields fields;
  domain::SuspendSubscriptionCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.suspend_date = OptionalDate(fields, "suspend_date", request.has_suspend_date(), request.suspend_date());
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::UnsuspendSubscriptionCommand> ParseUnsuspendSubscription(const v1::UnsuspendSubscriptionRequest& request) {
  Fields fields;
  domain::UnsuspendSubscriptionCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.expiration_date = OptionalDate(fields, "expiration_date", request.has_expiration_date(), request.expiration_date());
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::ReportUsageCommand> ParseReportUsage(const v1::ReportUsageRequest& request) {
  Fields fields;
  domain::ReportUsageCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.used_units = request.used_units();
  if (!request.has_used_units()) fields.Fail("used_units", "is required");
  if (request.used_units() < 0 || request.used_units() > kMaxUnits) {
    fields.Fail("used_units", absl::StrCat("must be 0 to ", kMaxUnits));
  }
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::UpdateLicensePoolCommand> ParseUpdateLicensePool(const v1::UpdateLicensePoolRequest& request) {
  Fields fields;
  domain::UpdateLicensePoolCommand command;
  std::tie(command.partner_id, command.product_id) =
      fields.ChildName("license_pool.name", request.license_pool().name(), "partners", "licensePools");
  command.etag = request.license_pool().etag();
  fields.Mask(request.update_mask(), request.license_pool(), {"minimum_units"});
  command.minimum = request.license_pool().minimum_units();
  if (command.minimum < 0 || command.minimum > kMaxUnits) {
    fields.Fail("license_pool.minimum_units", absl::StrCat("must be 0 to ", kMaxUnits));
  }
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::AddLicensePoolUnitsCommand> ParseAddLicensePoolUnits(const v1::AddLicensePoolUnitsRequest& request) {
  Fields fields;
  domain::AddLicensePoolUnitsCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.units = request.units();
  if (command.units < 1 || command.units > kMaxUnits) fields.Fail("units", absl::StrCat("must be 1 to ", kMaxUnits));
  RETURN_IF_ERROR(fields.status());
  return command;
}

}  // namespace lmp::wire
