// Requests of the verbs → commands. A verb that takes no more than a name and an etag needs no function of its own.
#ifndef LMP_SERVER_WIRE_VERB_REQUESTS_H_
#define LMP_SERVER_WIRE_VERB_REQUESTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/catalogue_verbs.h"
#include "server/domain/customer_verbs.h"
#include "server/domain/license_verbs.h"
#include "server/domain/partner_verbs.h"
#include "server/domain/pool_verbs.h"
#include "server/domain/subscription_verbs.h"
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
absl::StatusOr<Command> ParseNamed(const Request& request) {
  Fields fields;
  Command command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::UpdatePartnerCommand> Parse(const v1::UpdatePartnerRequest& request, const std::string&);
absl::StatusOr<domain::DeleteCustomerCommand> Parse(const v1::DeleteCustomerRequest& request, const std::string&);
absl::StatusOr<domain::ChangeSuiteComponentsCommand> Parse(const v1::ChangeSuiteComponentsRequest& request,
                                                           const std::string&);
absl::StatusOr<domain::EndProductLifeCommand> Parse(const v1::EndProductLifeRequest& request, const std::string&);
absl::StatusOr<domain::ApproveServicePlanCommand> Parse(const v1::ApproveServicePlanRequest& request,
                                                        const std::string&);
absl::StatusOr<domain::UpdateSubscriptionCommand> Parse(const v1::UpdateSubscriptionRequest& request,
                                                        const std::string&);
absl::StatusOr<domain::ChangeServicePlanCommand> Parse(const v1::ChangeServicePlanRequest& request, const std::string&);
absl::StatusOr<domain::RenewSubscriptionCommand> Parse(const v1::RenewSubscriptionRequest& request, const std::string&);
absl::StatusOr<domain::SuspendSubscriptionCommand> Parse(const v1::SuspendSubscriptionRequest& request,
                                                         const std::string&);
absl::StatusOr<domain::UnsuspendSubscriptionCommand> Parse(const v1::UnsuspendSubscriptionRequest& request,
                                                           const std::string&);
absl::StatusOr<domain::ReportUsageCommand> Parse(const v1::ReportUsageRequest& request, const std::string&);
absl::StatusOr<domain::UpdateLicensePoolCommand> Parse(const v1::UpdateLicensePoolRequest& request, const std::string&);
absl::StatusOr<domain::AddLicensePoolUnitsCommand> Parse(const v1::AddLicensePoolUnitsRequest& request,
                                                         const std::string&);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_VERB_REQUESTS_H_
