#include "server/services/customer_service.h"

#include <string>

#include "server/domain/customer.h"
#include "server/domain/lookup.h"
#include "server/domain/partner.h"
#include "server/wire/fields.h"

namespace lmp::server {
namespace {

absl::StatusOr<std::string> ParseGetPartner(const v1::GetPartnerRequest& request) {
  return wire::ParseName("name", request.name(), "partners");
}

model::Footprint FootprintOfPartner(const std::string& id) { return {.partners = {id}}; }

absl::Status AnswerGetPartner(const model::World& world, const std::string& id, const domain::Env& env,
                              v1::Partner* response) {
  ASSIGN_OR_RETURN(const model::Partner* partner, FindPartner(world, env.caller, id));
  wire::ToProto(*partner, {world, env.today}, response);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ParseGetCustomer(const v1::GetCustomerRequest& request) {
  return wire::ParseName("name", request.name(), "customers");
}

model::Footprint FootprintOfCustomer(const std::string& id) { return {.customers = {id}}; }

absl::Status AnswerGetCustomer(const model::World& world, const std::string& id, const domain::Env& env,
                               v1::Customer* response) {
  ASSIGN_OR_RETURN(const model::Customer* customer, FindCustomer(world, env.caller, id));
  wire::ToProto(*customer, {world, env.today}, response);
  return absl::OkStatus();
}

absl::Status ListPartners(storage::Connection& connection, storage::CatalogueCache&,
                          const v1::ListPartnersRequest& request, storage::PageOptions options, const domain::Env& env,
                          v1::ListPartnersResponse* response) {
  ASSIGN_OR_RETURN(const storage::Page page, storage::ListPartners(connection, options));
  for (const auto& key : page.keys) {
    wire::ToProto(*Find(page.world.catalogue->partners, key.first), {page.world, env.today}, response->add_partners());
  }
  response->set_next_page_token(wire::NextPageToken(request, page));
  return absl::OkStatus();
}

absl::Status ListCustomers(storage::Connection& connection, storage::CatalogueCache& cache,
                           const v1::ListCustomersRequest& request, storage::PageOptions options,
                           const domain::Env& env, v1::ListCustomersResponse* response) {
  options.show_deleted = request.show_deleted();
  ASSIGN_OR_RETURN(const storage::Page page, storage::ListCustomers(connection, options, cache));
  for (const auto& key : page.keys) {
    wire::ToProto(*Find(page.world.customers, key.first), {page.world, env.today}, response->add_customers());
  }
  response->set_next_page_token(wire::NextPageToken(request, page));
  return absl::OkStatus();
}

}  // namespace

CustomerService::CustomerService(Engines engines) : RpcService("lmp.v1.CustomerService", engines) {
  AddMutation<v1::CreatePartnerRequest, v1::Partner>("CreatePartner", "PARTNER_CREATED", domain::CreatePartner);
  AddQuery("GetPartner", engines.reads, ParseGetPartner, FootprintOfPartner, AnswerGetPartner);
  AddList("ListPartners", ListPartners);

  AddMutation<v1::CreateCustomerRequest, v1::Customer>("CreateCustomer", "CUSTOMER_CREATED", domain::CreateCustomer);
  AddQuery("GetCustomer", engines.reads, ParseGetCustomer, FootprintOfCustomer, AnswerGetCustomer);
  AddList("ListCustomers", ListCustomers);
  AddMutation<v1::UpdateCustomerRequest, v1::Customer>("UpdateCustomer", "CUSTOMER_UPDATED", domain::UpdateCustomer);
}

}  // namespace lmp::server
