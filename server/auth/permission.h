// The permission that a call needs: each RPC names exactly one, and a role is a set of them (roles.h).
#ifndef LMP_SERVER_AUTH_PERMISSION_H_
#define LMP_SERVER_AUTH_PERMISSION_H_

#include <cstdint>
#include <initializer_list>

#include "absl/strings/string_view.h"

namespace lmp::auth {

enum class Permission : std::uint8_t {
  kNone,  // every caller that the server knows has it, without any role
  kReadCatalog,
  kManageCatalog,  // products and suites
  kManageServicePlans,
  kReadPartners,
  kManagePartners,
  kReadCustomers,
  kManageCustomers,
  kEraseCustomers,
  kReadSubscriptions,
  kManageSubscriptions,
  kReadLicenses,
  kManageLicenses,
  kCheckLicenses,
  kActivateLicenses,
  kReportUsage,
  kReadPools,
  kManagePools,
  kReadRegistrationKeys,
  kManageRegistrationKeys,
  kIssueLicenseTokens,
  kReadLicenseTokenKeys,  // keys and revocation lists, with which a product verifies tokens
  kReadReports,
  kReadHistory,
  kReadApiKeys,
  kManageApiKeys,
};

inline constexpr Permission kLastPermission = Permission::kManageApiKeys;

// The name, like "MANAGE_SUBSCRIPTIONS", that errors and tables show.
absl::string_view NameOf(Permission permission);

class PermissionSet {
 public:
  constexpr PermissionSet() = default;
  constexpr PermissionSet(std::initializer_list<Permission> permissions) {
    for (const Permission permission : permissions) bits_ |= BitOf(permission);
  }
  static constexpr PermissionSet All() { return PermissionSet((BitOf(kLastPermission) << 1) - 1); }

  constexpr bool contains(Permission permission) const {
    return permission == Permission::kNone || (bits_ & BitOf(permission)) != 0;
  }
  constexpr bool contains(PermissionSet other) const { return (other.bits_ & ~bits_) == 0; }
  constexpr PermissionSet operator|(PermissionSet other) const { return PermissionSet(bits_ | other.bits_); }
  constexpr PermissionSet Without(PermissionSet other) const { return PermissionSet(bits_ & ~other.bits_); }
  constexpr bool operator==(const PermissionSet&) const = default;

 private:
  constexpr explicit PermissionSet(std::uint64_t bits) : bits_(bits) {}
  static constexpr std::uint64_t BitOf(Permission permission) {
    return std::uint64_t{1} << static_cast<int>(permission);
  }

  std::uint64_t bits_ = 0;
};
static_assert(static_cast<int>(kLastPermission) < 63, "a set is one word");

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_PERMISSION_H_
