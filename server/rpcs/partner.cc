#include "server/domain/customer/partner.h"

#include "server/domain/customer/partner_verbs.h"
#include "server/domain/lookup.h"
#include "server/rpcs/list.h"
#include "server/rpcs/mutation.h"
#include "server/rpcs/query.h"
#include "server/wire/mutation_request.h"
#include "server/wire/partner.h"

namespace lmp::rpcs {
namespace {

using Changes = wire::IndexedField::Changes;

model::Footprint FootprintOfPartner(const std::string& id) { return {.partners = {id}}; }

absl::Status RespondPartner(const model::World& world, const std::string& id, const domain::Env& env,
                            v1::Partner* response) {
  ASSIGN_OR_RETURN(const model::Partner* partner, domain::FindPartner(world, env.caller, id));
  wire::ToProto(*partner, {world, env.today}, response);
  return absl::OkStatus();
}

Listing<v1::ListPartnersRequest, v1::ListPartnersResponse, model::Partner, v1::Partner> Partners() {
  return {.find = {{"parent", "parent_id", "partners", Changes::kNever}}, .orders = {{"display_name", "display_name"}}};
}

}  // namespace

std::vector<Rpc> PartnerRpcs() {
  return {
      MutationRpc{.name = "CreatePartner",
                  .event = event::kPartnerCreated,
                  .needs = Permission::kManagePartners,
                  .parse = wire::ParseCreatePartner,
                  .decide = domain::CreatePartner,
                  .render = wire::RenderPartner},
      QueryRpc{.name = "GetPartner",
               .needs = Permission::kReadPartners,
               .parse = wire::ParseGetPartner,
               .footprint = FootprintOfPartner,
               .respond = RespondPartner},
      ListRpc{.name = "ListPartners", .needs = Permission::kReadPartners, .list = Partners()},
      MutationRpc{.name = "UpdatePartner",
                  .event = event::kPartnerUpdated,
                  .needs = Permission::kManagePartners,
                  .parse = wire::ParseUpdatePartner,
                  .decide = domain::UpdatePartner,
                  .render = wire::RenderPartner},
      MutationRpc{.name = "SuspendPartner",
                  .event = event::kPartnerSuspended,
                  .needs = Permission::kManagePartners,
                  .parse = wire::ParseNamed<v1::SuspendPartnerRequest, domain::SuspendPartnerCommand>,
                  .decide = domain::SuspendPartner,
                  .render = wire::RenderPartner},
      MutationRpc{.name = "ResumePartner",
                  .event = event::kPartnerResumed,
                  .needs = Permission::kManagePartners,
                  .parse = wire::ParseNamed<v1::ResumePartnerRequest, domain::ResumePartnerCommand>,
                  .decide = domain::ResumePartner,
                  .render = wire::RenderPartner},
      MutationRpc{.name = "CancelPartner",
                  .event = event::kPartnerCanceled,
                  .needs = Permission::kManagePartners,
                  .parse = wire::ParseNamed<v1::CancelPartnerRequest, domain::CancelPartnerCommand>,
                  .decide = domain::CancelPartner,
                  .render = wire::RenderPartner},
  };
}

}  // namespace lmp::rpcs
