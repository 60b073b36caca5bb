#include "server/domain/subscription/registration_key.h"

#include <string>
#include <vector>

#include "server/domain/lookup.h"
#include "server/rpcs/list.h"
#include "server/rpcs/mutation.h"
#include "server/rpcs/query.h"
#include "server/wire/mutation_request.h"
#include "server/wire/registration_key.h"

namespace lmp::rpcs {
namespace {

using Changes = wire::IndexedField::Changes;

model::Footprint FootprintOfRegistrationKey(const std::string& id) { return {.registration_keys = {id}}; }

absl::Status RespondRegistrationKey(const model::World& world, const std::string& id, const domain::Env& env,
                                    v1::RegistrationKey* response) {
  ASSIGN_OR_RETURN(const model::RegistrationKey* key, domain::FindRegistrationKey(world, env.caller, id));
  wire::ToProto(*key, {world, env.today}, response);
  return absl::OkStatus();
}

std::string ParsePlan(const v1::ListRegistrationKeysRequest& request, wire::Fields& fields) {
  return fields.OptionalName("service_plan", request.service_plan(), "servicePlans");
}

absl::Status CheckKeys(const v1::ListRegistrationKeysRequest& request) {
  wire::Fields fields;
  ParsePlan(request, fields);
  return fields.status();
}

absl::StatusOr<Selection> SelectKeys(const Reading& reading, const v1::ListRegistrationKeysRequest& request,
                                     std::optional<absl::Time> read_time) {
  wire::Fields checked;
  const std::string plan_id = ParsePlan(request, checked);
  if (plan_id.empty()) return Selection{};
  ASSIGN_OR_RETURN(const model::World world, LoadAsOf(reading, {.service_plans = {plan_id}}, read_time));
  RETURN_IF_ERROR(domain::FindServicePlan(world, reading.env.caller, plan_id).status());
  return Selection{{"service_plan_id", plan_id}};
}

Listing<v1::ListRegistrationKeysRequest, v1::ListRegistrationKeysResponse, model::RegistrationKey, v1::RegistrationKey>
RegistrationKeys() {
  return {.find = {{"service_plan", "service_plan_id", "servicePlans", Changes::kNever},
                   {"partner", "partner_id", "partners", Changes::kNever}},
          .orders = {{"expire_date", "expire_date", "", Changes::kNever}},
          .check = CheckKeys,
          .select = SelectKeys};
}

}  // namespace

std::vector<Rpc> RegistrationKeyRpcs() {
  return {
      MutationRpc{.name = "CreateRegistrationKey",
                  .event = event::kRegistrationKeyCreated,
                  .needs = Permission::kManageRegistrationKeys,
                  .parse = wire::ParseCreateRegistrationKey,
                  .decide = domain::CreateRegistrationKey,
                  .render = wire::RenderRegistrationKey},
      QueryRpc{.name = "GetRegistrationKey",
               .needs = Permission::kReadRegistrationKeys,
               .parse = wire::ParseGetRegistrationKey,
               .footprint = FootprintOfRegistrationKey,
               .respond = RespondRegistrationKey},
      ListRpc{.name = "ListRegistrationKeys", .needs = Permission::kReadRegistrationKeys, .list = RegistrationKeys()},
      MutationRpc{.name = "UpdateRegistrationKey",
                  .event = event::kRegistrationKeyUpdated,
                  .needs = Permission::kManageRegistrationKeys,
                  .parse = wire::ParseUpdateRegistrationKey,
                  .decide = domain::UpdateRegistrationKey,
                  .render = wire::RenderRegistrationKey},
      MutationRpc{.name = "VoidRegistrationKey",
                  .event = event::kRegistrationKeyVoided,
                  .needs = Permission::kManageRegistrationKeys,
                  .parse = wire::ParseNamed<v1::VoidRegistrationKeyRequest, domain::VoidRegistrationKeyCommand>,
                  .decide = domain::VoidRegistrationKey,
                  .render = wire::RenderRegistrationKey},
      MutationRpc{.name = "RedeemRegistrationKey",
                  .event = event::kRegistrationKeyRedeemed,
                  .needs = Permission::kManageSubscriptions,
                  .parse = wire::ParseRedeemRegistrationKey,
                  .decide = domain::RedeemRegistrationKey,
                  .render = wire::RenderRedemption},
  };
}

}  // namespace lmp::rpcs
