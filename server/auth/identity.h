// Who calls, and what that caller may do.
#ifndef LMP_SERVER_AUTH_IDENTITY_H_
#define LMP_SERVER_AUTH_IDENTITY_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/auth/permission.h"
#include "server/auth/roles.h"

namespace lmp::auth {

// What a caller is given: roles, and the partner or customer that they are limited to. At most one of the two ids is
// set.
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
  std::string issuer;   // who vouches for the caller: "local", "apiKeys", "mtls" or the issuer of a token
  std::string subject;  // the caller's name with that issuer
  // Issuer and subject in one text, which events and logs show. Subjects of two issuers are never equal here.
  std::string actor;
  Grant grant;
  absl::Time expire_time = absl::InfiniteFuture();  // when the credential expires

  bool May(Permission permission) const { return permissions().contains(permission); }
  PermissionSet permissions() const { return PermissionsOf(grant.roles); }
};

// The longest actor, in bytes, that events can keep.
inline constexpr std::size_t kMaxActor = 190;

// Returns those of `roles` that a caller with this binding can have; the others are not given.
std::vector<Role> RolesAllowedBy(std::vector<Role> roles, Binding binding);

// The identity of everybody who can connect to a server that requires no authentication.
Identity LocalAdmin();

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_IDENTITY_H_
