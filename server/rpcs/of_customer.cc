#include "server/rpcs/of_customer.h"

#include "server/domain/lookup.h"
#include "storage/list_queries.h"

namespace lmp::rpcs {

absl::StatusOr<Selection> OfCustomer(const Reading& reading, const std::string& customer_id,
                                     std::optional<absl::Time> read_time) {
  if (customer_id.empty()) return Selection{};
  ASSIGN_OR_RETURN(const model::World world,
                   read_time.has_value() ? LoadAsOf(reading, {.customers = {customer_id}}, read_time)
                                         : storage::LoadCustomerRow(reading.connection, customer_id, reading.cache));
  RETURN_IF_ERROR(domain::FindCustomer(world, reading.env.caller, customer_id).status());
  return Selection{{"customer_id", customer_id}};
}

}  // namespace lmp::rpcs
