#include "server/services/customer_service.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/customer.h"
#include "server/domain/lookup.h"
#include "server/domain/customer_verbs.h"
#include "server/domain/partner.h"
#include "server/domain/partner_verbs.h"
#include "server/services/listings.h"
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

constexpr int kMaxBatchGet = 100;

absl::StatusOr<std::vector<std::string>> ParseBatchGetCustomers(const v1::BatchGetCustomersRequest& request) {
  wire::Fields fields;
  std::vector<std::string> ids;
  if (request.names_size() < 1 || request.names_size() > kMaxBatchGet) {
    fields.Fail("names", absl::StrCat("must be 1 to ", kMaxBatchGet, " names"));
  }
  for (int i = 0; i < request.names_size(); ++i) {
    ids.push_back(fields.Name(absl::StrCat("names[", i, "]"), request.names(i), "customers"));
  }
  RETURN_IF_ERROR(fields.status());
  return ids;
}

model::Footprint FootprintOfCustomers(const std::vector<std::string>& ids) { return {.customers = ids}; }

absl::Status AnswerBatchGetCustomers(const model::World& world, const std::vector<std::string>& ids,
                                     const domain::Env& env, v1::BatchGetCustomersResponse* response) {
  for (const std::string& id : ids) {
    RETURN_IF_ERROR(AnswerGetCustomer(world, id, env, response->add_customers()));
  }
  return absl::OkStatus();
}

}  // namespace

CustomerService::CustomerService(Engines engines) : RpcService("lmp.v1.CustomerService", engines) {
  AddMutation<v1::CreatePartnerRequest, v1::Partner>("CreatePartner", "PARTNER_CREATED", domain::CreatePartner);
  AddQuery("GetPartner", engines.reads, ParseGetPartner, FootprintOfPartner, AnswerGetPartner);
  AddListing("ListPartners", Partners());
  AddMutation<v1::UpdatePartnerRequest, v1::Partner>("UpdatePartner", "PARTNER_UPDATED", domain::UpdatePartner);
  AddMutation<v1::SuspendPartnerRequest, v1::Partner>("SuspendPartner", "PARTNER_SUSPENDED", domain::SuspendPartner);
  AddMutation<v1::ResumePartnerRequest, v1::Partner>("ResumePartner", "PARTNER_RESUMED", domain::ResumePartner);
  AddMutation<v1::CancelPartnerRequest, v1::Partner>("CancelPartner", "PARTNER_CANCELED", domain::CancelPartner);

  AddMutation<v1::CreateCustomerRequest, v1::Customer>("CreateCustomer", "CUSTOMER_CREATED", domain::CreateCustomer);
  AddQuery("GetCustomer", engines.reads, ParseGetCustomer, FootprintOfCustomer, AnswerGetCustomer);
  AddListing("ListCustomers", Customers());
  AddMutation<v1::UpdateCustomerRequest, v1::Customer>("UpdateCustomer", "CUSTOMER_UPDATED", domain::UpdateCustomer);
  AddQuery("BatchGetCustomers", engines.reads, ParseBatchGetCustomers, FootprintOfCustomers, AnswerBatchGetCustomers);
  AddMutation<v1::DisableCustomerRequest, v1::Customer>("DisableCustomer", "CUSTOMER_DISABLED", domain::DisableCustomer);
  AddMutation<v1::EnableCustomerRequest, v1::Customer>("EnableCustomer", "CUSTOMER_ENABLED", domain::EnableCustomer);
  AddMutation<v1::DeleteCustomerRequest, v1::Customer>("DeleteCustomer", "CUSTOMER_DELETED", domain::DeleteCustomer);
  AddMutation<v1::UndeleteCustomerRequest, v1::Customer>("UndeleteCustomer", "CUSTOMER_UNDELETED",
                                                         domain::UndeleteCustomer);
}

}  // namespace lmp::server
