// Requests of the verbs → commands. For a verb that takes no more than a name and an etag ParseNamed does.
#ifndef LMP_SERVER_WIRE_VERB_REQUESTS_H_
#define LMP_SERVER_WIRE_VERB_REQUESTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/catalog/catalog_verbs.h"
#include "server/domain/customer/customer_verbs.h"
#include "server/domain/license/license_verbs.h"
#include "server/domain/customer/partner_verbs.h"
#include "server/domain/license/pool_verbs.h"
#include "server/domain/subscription/verbs.h"
#include "server/wire/fields.h"
#include "storage/status_macros.h"

namespace lmp::wire {

// Puts the ids of `name` into the command.
template <class Command>
  requires requires { Command::kCollection; }
void SetName(Fields& fields, const std::string& name, Command& command) {
  command.id = fields.Name("name", name, Command::kCollection);
}
void SetName(Fields& fields, const std::string& name, domain::SubscriptionCommand& command);
void SetName(Fields& fields, const std::string& name, domain::LicenseCommand& command);
void SetName(Fields& fields, const std::string& name, domain::PoolCommand& command);
void SetName(Fields& fields, const std::string& name, domain::CancelScheduledChangeCommand& command);

template <class Command, class Request>
absl::StatusOr<Command> ParseNameAndEtag(const Request& request) {
  Fields fields;
  Command command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  RETURN_IF_ERROR(fields.status());
  return command;
}

// INTERNAL if requests of this type have more than a name, an etag and what all mutations have.
absl::Status HasOnlyAName(const google::protobuf::Descriptor& request);

// For a verb that takes no more than a name. A field that is added to its request later is not dropped in silence: every call is
// INTERNAL until the verb has a function of its own, and a test says so.
template <class Request, class Command>
absl::StatusOr<Command> ParseNamed(const Request& request) {
  static const auto& fits = *new absl::Status(HasOnlyAName(*Request::descriptor()));
  RETURN_IF_ERROR(fits);
  return ParseNameAndEtag<Command>(request);
}

absl::StatusOr<domain::UpdatePartnerCommand> ParseUpdatePartner(const v1::UpdatePartnerRequest& request);
absl::StatusOr<domain::DeleteCustomerCommand> ParseDeleteCustomer(const v1::DeleteCustomerRequest& request);
absl::StatusOr<domain::ChangeSuiteComponentsCommand> ParseChangeSuiteComponents(const v1::ChangeSuiteComponentsRequest& request);
absl::StatusOr<domain::EndProductLifeCommand> ParseEndProductLife(const v1::EndProductLifeRequest& request);
absl::StatusOr<domain::ApproveServicePlanCommand> ParseApproveServicePlan(const v1::ApproveServicePlanRequest& request);
absl::StatusOr<domain::UpdateSubscriptionCommand> ParseUpdateSubscription(const v1::UpdateSubscriptionRequest& request);
absl::StatusOr<domain::ChangeServicePlanCommand> ParseChangeServicePlan(const v1::ChangeServicePlanRequest& request);
absl::StatusOr<domain::RenewSubscriptionCommand> ParseRenewSubscription(const v1::RenewSubscriptionRequest& request);
absl::StatusOr<domain::SuspendSubscriptionCommand> ParseSuspendSubscription(const v1::SuspendSubscriptionRequest& request);
absl::StatusOr<domain::UnsuspendSubscriptionCommand> ParseUnsuspendSubscription(const v1::UnsuspendSubscriptionRequest& request);
absl::StatusOr<domain::ReportUsageCommand> ParseReportUsage(const v1::ReportUsageRequest& request);
absl::StatusOr<domain::UpdateLicensePoolCommand> ParseUpdateLicensePool(const v1::UpdateLicensePoolRequest& request);
absl::StatusOr<domain::AddLicensePoolUnitsCommand> ParseAddLicensePoolUnits(const v1::AddLicensePoolUnitsRequest& request);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_VERB_REQUESTS_H_
