// Decision or loaded rows → responses.
#ifndef LMP_SERVER_WIRE_RESPONSES_H_
#define LMP_SERVER_WIRE_RESPONSES_H_

#include <string>

#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/customer/customer_verbs.h"
#include "server/domain/license/license_check.h"
#include "server/domain/subscription/plan_assignment.h"
#include "server/domain/subscription/plan_updates.h"
#include "server/domain/subscription/registration_key.h"
#include "server/domain/subscription/batch.h"
#include "server/domain/subscription/verbs.h"
#include "server/engine/write_engine.h"
#include "server/wire/preview_token.h"
#include "server/wire/resources.h"
#include "storage/status_macros.h"

namespace lmp::wire {

// What a decision says about one resource, by its id.
void RenderPartner(const engine::Decision& decided, const std::string& partner_id, v1::Partner* out);
void RenderCustomer(const engine::Decision& decided, const std::string& customer_id, v1::Customer* out);
void RenderProduct(const engine::Decision& decided, const std::string& product_id, v1::Product* out);
void RenderServicePlan(const engine::Decision& decided, const std::string& service_plan_id, v1::ServicePlan* out);
void RenderEnabledCustomer(const engine::Decision& decided, const domain::EnableCustomerResult& result, v1::Customer* out);
void RenderAssignment(const engine::Decision& decided, const domain::AssignServicePlanResult& result,
            v1::AssignServicePlanResponse* out);

void RenderPlanUpdates(const engine::Decision& decided, const domain::ApplyPlanUpdatesResult& result,
            v1::ApplyPlanUpdatesResponse* out);
void RenderBatchUpdate(const engine::Decision& decided, const domain::BatchUpdateSubscriptionsResult& result,
            v1::BatchUpdateSubscriptionsResponse* out);
void RenderRegistrationKey(const engine::Decision& decided, const std::string& key_id, v1::RegistrationKey* out);
void RenderRedemption(const engine::Decision& decided, const domain::RedeemRegistrationKeyResult& result,
            v1::RedeemRegistrationKeyResponse* out);

void RenderSubscriptionChange(const engine::Decision& decided, const domain::SubscriptionResult& result, v1::SubscriptionChangeResponse* out);
void RenderCanceledChange(const engine::Decision& decided, const domain::SubscriptionResult& result, v1::ScheduledChange* out);
void RenderLicense(const engine::Decision& decided, const model::RowKey& license, v1::License* out);
void RenderLicensePool(const engine::Decision& decided, const model::RowKey& pool, v1::LicensePool* out);

void RenderLicenseCheck(const domain::LicenseCheck& check, absl::Time read_time, v1::CheckLicenseResponse* out);

// The drop-down of the assignment form: every plan of the customer's partner but those at END_OF_LIFE.
void RenderAssignable(const View& view, const model::Customer& customer, const domain::Env& env,
                      v1::ListAssignableServicePlansResponse* out);

// The response of a mutation, whose own fields are set, as the caller gets it: with what looks like a mistake in it (`advisories`),
// with what it hits (`affected`), and in a preview with what would change. PREVIEW_CHANGED if that is not what the caller was shown.
absl::StatusOr<std::string> FinishResponse(const engine::Decision& decided, const Asked& asked, google::protobuf::Message* response);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_RESPONSES_H_
