// Requests that give a customer licenses, or change many subscriptions → commands.
#ifndef LMP_SERVER_WIRE_PLAN_REQUESTS_H_
#define LMP_SERVER_WIRE_PLAN_REQUESTS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/domain/subscription/plan_updates.h"
#include "server/domain/subscription/registration_key.h"
#include "server/domain/subscription/batch.h"
#include "server/wire/fields.h"
#include "server/wire/server_context.h"

namespace lmp::wire {

// Parts of requests. Units by product id; what is wrong fails under `field`.
std::map<std::string, int> ParseUnits(Fields& fields, const std::string& field,
                                      const google::protobuf::RepeatedPtrField<v1::LicenseUnits>& units);
domain::CrossgradeChoice ParseCrossgrade(Fields& fields, const v1::Crossgrade& crossgrade);
// Exactly one of a subscription of the customer and a date.
void ParseAlignment(Fields& fields, const v1::Alignment& align, const std::string& customer_id,
                    std::optional<std::string>& subscription, std::optional<model::Date>& date);

absl::StatusOr<domain::AssignServicePlanCommand> ParseAssignServicePlan(const v1::AssignServicePlanRequest& request);
absl::StatusOr<domain::ApplyPlanUpdatesCommand> ParseApplyPlanUpdates(const v1::ApplyPlanUpdatesRequest& request);
absl::StatusOr<domain::BatchUpdateSubscriptionsCommand> ParseBatchUpdateSubscriptions(const v1::BatchUpdateSubscriptionsRequest& request);
absl::StatusOr<domain::CreateRegistrationKeyCommand> ParseCreateRegistrationKey(const v1::CreateRegistrationKeyRequest& request, const ServerContext& context);
absl::StatusOr<domain::UpdateRegistrationKeyCommand> ParseUpdateRegistrationKey(const v1::UpdateRegistrationKeyRequest& request);
absl::StatusOr<domain::RedeemRegistrationKeyCommand> ParseRedeemRegistrationKey(const v1::RedeemRegistrationKeyRequest& request);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_PLAN_REQUESTS_H_
