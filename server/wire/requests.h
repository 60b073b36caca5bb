// Requests → commands. Each either gives a command, or INVALID_ARGUMENT with all that is wrong.
#ifndef LMP_SERVER_WIRE_REQUESTS_H_
#define LMP_SERVER_WIRE_REQUESTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "lmp/v1/customer_service.pb.h"
#include "lmp/v1/licensing_service.pb.h"
#include "server/domain/customer/customer.h"
#include "server/domain/env.h"
#include "server/domain/customer/partner.h"
#include "server/domain/catalog/product.h"
#include "server/domain/catalog/service_plan.h"
#include "server/wire/server_context.h"

namespace lmp::wire {

// Of the context the id of a resource that the caller gave none.
absl::StatusOr<domain::CreatePartnerCommand> ParseCreatePartner(const v1::CreatePartnerRequest& request, const ServerContext& context);
absl::StatusOr<domain::CreateCustomerCommand> ParseCreateCustomer(const v1::CreateCustomerRequest& request, const ServerContext& context);
absl::StatusOr<domain::UpdateCustomerCommand> ParseUpdateCustomer(const v1::UpdateCustomerRequest& request);
absl::StatusOr<domain::CreateProductCommand> ParseCreateProduct(const v1::CreateProductRequest& request, const ServerContext& context);
absl::StatusOr<domain::UpdateProductCommand> ParseUpdateProduct(const v1::UpdateProductRequest& request);
absl::StatusOr<domain::CreateServicePlanCommand> ParseCreateServicePlan(const v1::CreateServicePlanRequest& request, const ServerContext& context);
absl::StatusOr<domain::UpdateServicePlanCommand> ParseUpdateServicePlan(const v1::UpdateServicePlanRequest& request);
// The id chosen by the caller for a request_id, checked: a UUID, or empty.
absl::Status CheckRequestId(const std::string& request_id);

// A request_id as it is compared, kept and shown: a UUID in small letters, in which case does not count (RFC 9562).
std::string RequestIdOf(const std::string& given);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_REQUESTS_H_
