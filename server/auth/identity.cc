#include "server/auth/identity.h"

#include <utility>

namespace lmp::auth {

std::vector<Role> RolesAllowedBy(std::vector<Role> roles, Binding binding) {
  std::erase_if(roles, [binding](Role role) { return !MayBeBound(role, binding); });
  return roles;
}

Identity LocalAdmin() {
  return {.issuer = "local", .subject = "admin", .actor = "local-admin", .grant = {.roles = {Role::kAdmin}}};
}

}  // namespace lmp::auth
