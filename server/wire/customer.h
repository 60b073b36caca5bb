// Customers on the wire.
#ifndef LMP_SERVER_WIRE_CUSTOMER_H_
#define LMP_SERVER_WIRE_CUSTOMER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lmp/v1/customer_service.pb.h"
#include "server/domain/customer/customer.h"
#include "server/domain/customer/customer_verbs.h"
#include "server/engine/write_engine.h"
#include "server/wire/resource.h"
#include "server/wire/server_context.h"

namespace lmp::wire {

absl::StatusOr<domain::CreateCustomerCommand> ParseCreateCustomer(const v1::CreateCustomerRequest& request,
                                                                  const ServerContext& context);
absl::StatusOr<std::string> ParseGetCustomer(const v1::GetCustomerRequest& request);
absl::StatusOr<std::vector<std::string>> ParseBatchGetCustomers(const v1::BatchGetCustomersRequest& request);
absl::StatusOr<domain::UpdateCustomerCommand> ParseUpdateCustomer(const v1::UpdateCustomerRequest& request);
absl::StatusOr<domain::DeleteCustomerCommand> ParseDeleteCustomer(const v1::DeleteCustomerRequest& request);

void RenderCustomer(const engine::Decision& decided, const std::string& customer_id, v1::Customer* out);
void RenderEnabledCustomer(const engine::Decision& decided, const domain::EnableCustomerResult& result,
                           v1::Customer* out);
void ToProto(const model::Customer& row, const View& view, v1::Customer* out);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_CUSTOMER_H_
