// Who calls, and what that caller may.
#ifndef LMP_SERVER_AUTH_IDENTITY_H_
#define LMP_SERVER_AUTH_IDENTITY_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/auth/permission.h"
#include "server/auth/roles.h"

namespace lmp::auth {

// What somebody is given: roles, and whose things they are about. At most one of the two ids is set.
struct Grant {
  std::vector<Role> roles;
  std::string partner_id;
  std::string customer_id;

  Binding binding() const {
    return !customer_id.empty() ? Binding::kCustomer : !partner_id.empty() ? Binding::kPartner : Binding::kNone;
  }
  bool operator==(const Grant&) const = default;
};

struct Identity {
  std::string issuer;   // who vouches: "local", "apiKeys", "mtls" or the issuer of a token
  std::string subject;  // who it is, by that issuer
  // Both in one: what events and logs show. Subjects of two issuers are never equal here.
  std::string actor;
  Grant grant;
  absl::Time expire_time = absl::InfiniteFuture();  // of the credential

  bool May(Permission permission) const { return permissions().contains(permission); }
  PermissionSet permissions() const { return PermissionsOf(grant.roles); }
};

// The longest actor that events can keep, in bytes.
inline constexpr std::size_t kMaxActor = 190;

// Of roles those that can be had with this binding: any other is not given.
std::vector<Role> RolesAllowedBy(std::vector<Role> roles, Binding binding);

// Whoever can connect to a server that asks nobody who he is.
Identity LocalAdmin();

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_IDENTITY_H_
