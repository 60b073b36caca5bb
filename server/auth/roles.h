// Who may do what: the one table of roles. A role is a set of permissions. Whose data a caller may touch is another
// question, answered by its binding (domain::Caller): a bound caller uses the same role for its own partner or customer
// only.
#ifndef LMP_SERVER_AUTH_ROLES_H_
#define LMP_SERVER_AUTH_ROLES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "server/auth/permission.h"

namespace lmp::auth {

enum class Role : std::uint8_t {
  kAdmin,
  kCatalogManager,
  kPartnerAdmin,
  kLicenseManager,
  kCustomerManager,
  kSupport,
  kMeter,
  kChecker,
  kCustomerViewer,
};

// What a caller is bound to. The vendor's own people and services are bound to nothing.
enum class Binding : std::uint8_t { kNone, kPartner, kCustomer };

// The bindings that a role can be combined with.
struct Bindings {
  bool none, partner, customer;
};

struct RoleRow {
  Role role;
  absl::string_view name;
  Bindings bindings;
  PermissionSet permissions;
};

// In order of Role.
absl::Span<const RoleRow> RoleTable();

absl::string_view NameOf(Role role);
std::optional<Role> RoleOf(absl::string_view name);
bool MayBeBound(Role role, Binding binding);

PermissionSet PermissionsOf(Role role);
PermissionSet PermissionsOf(const std::vector<Role>& roles);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_ROLES_H_
