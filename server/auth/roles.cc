#include "server/auth/roles.h"

#include <iterator>

namespace lmp::auth {
namespace {

using enum Permission;

constexpr Bindings kUnbound{true, false, false};
constexpr Bindings kUnboundOrPartner{true, true, false};
constexpr Bindings kOnlyPartner{false, true, false};
constexpr Bindings kOnlyCustomer{false, false, true};

constexpr PermissionSet kReadEverything = {
    kReadCatalog, kReadPartners,         kReadCustomers,        kReadSubscriptions, kReadLicenses, kCheckLicenses,
    kReadPools,   kReadRegistrationKeys, kReadLicenseTokenKeys, kReadReports,       kReadHistory,  kReadApiKeys,
};

// Those above a partner manage its tier, state and pools; the vendor manages the catalog, and erases what can't come
// back.
constexpr PermissionSet kOfTheVendor = {kManageCatalog, kManagePartners, kManagePools, kEraseCustomers};

constexpr RoleRow kRoles[] = {
    {Role::kAdmin, "ADMIN", kUnbound, PermissionSet::All()},
    {Role::kCatalogManager,
     "CATALOG_MANAGER",
     kUnbound,
     {kReadCatalog, kManageCatalog, kReadPartners, kManagePartners, kReadPools, kManagePools}},
    {Role::kPartnerAdmin, "PARTNER_ADMIN", kOnlyPartner, PermissionSet::All().Without(kOfTheVendor)},
    {Role::kLicenseManager,
     "LICENSE_MANAGER",
     kUnboundOrPartner,
     {kReadCatalog, kManageServicePlans, kReadPartners, kReadCustomers, kReadSubscriptions, kManageSubscriptions,
      kReadLicenses, kManageLicenses, kCheckLicenses, kReadPools, kReadRegistrationKeys, kManageRegistrationKeys,
      kIssueLicenseTokens, kReadLicenseTokenKeys}},
    {Role::kCustomerManager, "CUSTOMER_MANAGER", kUnboundOrPartner, {kReadPartners, kReadCustomers, kManageCustomers}},
    {Role::kSupport, "SUPPORT", kUnboundOrPartner, kReadEverything},
    {Role::kMeter, "METER", kUnboundOrPartner, {kActivateLicenses, kReportUsage}},
    {Role::kChecker, "CHECKER", kUnboundOrPartner, {kCheckLicenses, kReadLicenseTokenKeys}},
    {Role::kCustomerViewer,
     "CUSTOMER_VIEWER",
     kOnlyCustomer,
     {kReadCustomers, kReadSubscriptions, kReadLicenses, kCheckLicenses, kReadHistory}},
};

constexpr bool IsInOrder() {
  for (size_t i = 0; i < std::size(kRoles); ++i) {
    if (kRoles[i].role != static_cast<Role>(i)) return false;
  }
  return true;
}
static_assert(IsInOrder(), "a role's row is found by its number");

constexpr bool IsNoWider(const RoleRow& role, const RoleRow& than) {
  const bool unbound = role.bindings.none && than.bindings.none;
  const bool of_partner = (role.bindings.partner || role.bindings.customer) && than.bindings.partner;
  return (!unbound && !of_partner) || than.permissions.contains(role.permissions);
}

// Whoever may make keys could else make one that may do more.
constexpr bool KeysAreNoWiderThanTheirMakers() {
  for (const RoleRow& maker : kRoles) {
    if (!maker.permissions.contains(kManageApiKeys)) continue;
    for (const RoleRow& made : kRoles) {
      if (!IsNoWider(made, maker)) return false;
    }
  }
  return true;
}
static_assert(KeysAreNoWiderThanTheirMakers(), "who may make API keys has every permission of those it can make");

const RoleRow& RowOf(Role role) { return kRoles[static_cast<size_t>(role)]; }

struct PermissionName {
  Permission permission;
  absl::string_view name;
};

constexpr PermissionName kPermissionNames[] = {
    {kNone, "NONE"},
    {kReadCatalog, "READ_CATALOG"},
    {kManageCatalog, "MANAGE_CATALOG"},
    {kManageServicePlans, "MANAGE_SERVICE_PLANS"},
    {kReadPartners, "READ_PARTNERS"},
    {kManagePartners, "MANAGE_PARTNERS"},
    {kReadCustomers, "READ_CUSTOMERS"},
    {kManageCustomers, "MANAGE_CUSTOMERS"},
    {kEraseCustomers, "ERASE_CUSTOMERS"},
    {kReadSubscriptions, "READ_SUBSCRIPTIONS"},
    {kManageSubscriptions, "MANAGE_SUBSCRIPTIONS"},
    {kReadLicenses, "READ_LICENSES"},
    {kManageLicenses, "MANAGE_LICENSES"},
    {kCheckLicenses, "CHECK_LICENSES"},
    {kActivateLicenses, "ACTIVATE_LICENSES"},
    {kReportUsage, "REPORT_USAGE"},
    {kReadPools, "READ_POOLS"},
    {kManagePools, "MANAGE_POOLS"},
    {kReadRegistrationKeys, "READ_REGISTRATION_KEYS"},
    {kManageRegistrationKeys, "MANAGE_REGISTRATION_KEYS"},
    {kIssueLicenseTokens, "ISSUE_LICENSE_TOKENS"},
    {kReadLicenseTokenKeys, "READ_LICENSE_TOKEN_KEYS"},
    {kReadReports, "READ_REPORTS"},
    {kReadHistory, "READ_HISTORY"},
    {kReadApiKeys, "READ_API_KEYS"},
    {kManageApiKeys, "MANAGE_API_KEYS"},
};

constexpr bool PermissionsAreInOrder() {
  for (size_t i = 0; i < std::size(kPermissionNames); ++i) {
    if (static_cast<size_t>(kPermissionNames[i].permission) != i) return false;
  }
  return true;
}
static_assert(PermissionsAreInOrder(), "a permission's name is found by its number");

}  // namespace

absl::string_view NameOf(Permission permission) {
  const auto number = static_cast<size_t>(permission);
  return number < std::size(kPermissionNames) ? kPermissionNames[number].name : "";
}

absl::Span<const RoleRow> RoleTable() { return kRoles; }

absl::string_view NameOf(Role role) { return RowOf(role).name; }

std::optional<Role> RoleOf(absl::string_view name) {
  for (const RoleRow& row : kRoles) {
    if (row.name == name) return row.role;
  }
  return std::nullopt;
}

bool MayBeBound(Role role, Binding binding) {
  const Bindings& bindings = RowOf(role).bindings;
  switch (binding) {
    case Binding::kNone:
      return bindings.none;
    case Binding::kPartner:
      return bindings.partner;
    case Binding::kCustomer:
      return bindings.customer;
  }
  return false;
}

PermissionSet PermissionsOf(Role role) { return RowOf(role).permissions; }

PermissionSet PermissionsOf(const std::vector<Role>& roles) {
  PermissionSet permissions;
  for (const Role role : roles) permissions = permissions | PermissionsOf(role);
  return permissions;
}

}  // namespace lmp::auth
