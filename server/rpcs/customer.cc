#include "server/domain/customer/customer.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/customer/customer_verbs.h"
#include "server/domain/lookup.h"
#include "server/rpcs/list.h"
#include "server/rpcs/mutation.h"
#include "server/rpcs/query.h"
#include "server/wire/customer.h"
#include "server/wire/mutation_request.h"

namespace lmp::rpcs {
namespace {

using Changes = wire::IndexedField::Changes;

model::Footprint FootprintOfCustomer(const std::string& id) { return {.lone_customers = {id}}; }

absl::Status RespondCustomer(const model::World& world, const std::string& id, const domain::Env& env,
                             v1::Customer* response) {
  ASSIGN_OR_RETURN(const model::Customer* customer, domain::FindCustomer(world, env.caller, id));
  wire::ToProto(*customer, {world, env.today}, response);
  return absl::OkStatus();
}

model::Footprint FootprintOfCustomers(const std::vector<std::string>& ids) { return {.lone_customers = ids}; }

absl::Status RespondCustomers(const model::World& world, const std::vector<std::string>& ids, const domain::Env& env,
                              v1::BatchGetCustomersResponse* response) {
  for (const std::string& id : ids) {
    RETURN_IF_ERROR(RespondCustomer(world, id, env, response->add_customers()));
  }
  return absl::OkStatus();
}

bool ShowsCustomer(const v1::ListCustomersRequest& request, const v1::Customer& customer) {
  return request.show_deleted() || !customer.has_delete_time();
}

Listing<v1::ListCustomersRequest, v1::ListCustomersResponse, model::Customer, v1::Customer> Customers() {
  return {.find = {{"partner", "partner_id", "partners", Changes::kNever},
                   {"external_id", "external_id"},
                   {"display_name", "display_name"}},
          .orders = {{"display_name", "display_name"}},
          .shows = ShowsCustomer};
}

}  // namespace

std::vector<Rpc> CustomerRpcs() {
  return {
      MutationRpc{.name = "CreateCustomer",
                  .event = event::kCustomerCreated,
                  .needs = Permission::kManageCustomers,
                  .parse = wire::ParseCreateCustomer,
                  .decide = domain::CreateCustomer,
                  .render = wire::RenderCustomer},
      QueryRpc{.name = "GetCustomer",
               .needs = Permission::kReadCustomers,
               .parse = wire::ParseGetCustomer,
               .footprint = FootprintOfCustomer,
               .respond = RespondCustomer},
      ListRpc{.name = "ListCustomers", .needs = Permission::kReadCustomers, .list = Customers()},
      MutationRpc{.name = "UpdateCustomer",
                  .event = event::kCustomerUpdated,
                  .needs = Permission::kManageCustomers,
                  .parse = wire::ParseUpdateCustomer,
                  .decide = domain::UpdateCustomer,
                  .render = wire::RenderCustomer},
      QueryRpc{.name = "BatchGetCustomers",
               .needs = Permission::kReadCustomers,
               .parse = wire::ParseBatchGetCustomers,
               .footprint = FootprintOfCustomers,
               .respond = RespondCustomers},
      MutationRpc{.name = "DisableCustomer",
                  .event = event::kCustomerDisabled,
                  .needs = Permission::kManageCustomers,
                  .parse = wire::ParseNamed<v1::DisableCustomerRequest, domain::DisableCustomerCommand>,
                  .decide = domain::DisableCustomer,
                  .render = wire::RenderCustomer},
      MutationRpc{.name = "EnableCustomer",
                  .event = event::kCustomerEnabled,
                  .needs = Permission::kManageCustomers,
                  .parse = wire::ParseNamed<v1::EnableCustomerRequest, domain::EnableCustomerCommand>,
                  .decide = domain::EnableCustomer,
                  .render = wire::RenderEnabledCustomer},
      MutationRpc{.name = "DeleteCustomer",
                  .event = event::kCustomerDeleted,
                  .needs = Permission::kManageCustomers,
                  .parse = wire::ParseDeleteCustomer,
                  .decide = domain::DeleteCustomer,
                  .render = wire::RenderCustomer},
      MutationRpc{.name = "UndeleteCustomer",
                  .event = event::kCustomerUndeleted,
                  .needs = Permission::kManageCustomers,
                  .parse = wire::ParseNamed<v1::UndeleteCustomerRequest, domain::UndeleteCustomerCommand>,
                  .decide = domain::UndeleteCustomer,
                  .render = wire::RenderCustomer},
      MutationRpc{.name = "EraseCustomer",
                  .event = event::kCustomerErased,
                  .needs = Permission::kEraseCustomers,
                  .parse = wire::ParseNamed<v1::EraseCustomerRequest, domain::EraseCustomerCommand>,
                  .decide = domain::EraseCustomer,
                  .render = wire::RenderCustomer},
  };
}

}  // namespace lmp::rpcs
