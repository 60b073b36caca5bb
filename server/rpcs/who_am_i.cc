// Who calls, as the door knows it: no permission, no database.
#include "lmp/v1/api_key.pb.h"
#include "server/auth/identity.h"
#include "server/domain/lookup.h"
#include "server/rpcs/rpc.h"
#include "server/wire/resources.h"

namespace lmp::rpcs {
namespace {

using auth::Permission;

void AddRoles(const auth::Identity& caller, v1::WhoAmIResponse& response) {
  for (const auth::Role held : auth::RolesAllowedBy(caller.grant.roles, caller.grant.binding())) {
    v1::Role role = v1::ROLE_UNSPECIFIED;
    if (v1::Role_Parse(std::string(auth::NameOf(held)), &role)) response.add_roles(role);
  }
  for (int i = static_cast<int>(Permission::kNone) + 1; i <= static_cast<int>(auth::kLastPermission); ++i) {
    const auto permission = static_cast<Permission>(i);
    if (caller.May(permission)) response.add_permissions(std::string(auth::NameOf(permission)));
  }
}

void ServeWhoAmI(const Backend&, const google::protobuf::Message&, Call* call) {
  const auth::Identity& caller = call->identity();
  v1::WhoAmIResponse response;
  response.set_actor(caller.actor);
  AddRoles(caller, response);
  if (!caller.grant.partner_id.empty()) response.set_partner(domain::PartnerName(caller.grant.partner_id));
  if (!caller.grant.customer_id.empty()) response.set_customer(domain::CustomerName(caller.grant.customer_id));
  if (caller.expire_time < absl::InfiniteFuture()) wire::ToProto(caller.expire_time, response.mutable_expire_time());
  call->Answer(response.SerializeAsString());
}

}  // namespace

std::vector<Rpc> WhoAmIRpcs() {
  return {Rpc{.name = "WhoAmI",
              .needs = Permission::kNone,
              .request = &v1::WhoAmIRequest::default_instance(),
              .response = &v1::WhoAmIResponse::default_instance(),
              .serve = ServeWhoAmI}};
}

}  // namespace lmp::rpcs
