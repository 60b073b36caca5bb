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

// A partner's tier, state and pools belong to who stands above it, and the catalog belongs to the vendor.
constexpr PermissionSet kOfTheVendor = {kManageCatalog, kManagePartners, kManagePools};

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

const RoleRow& RowOf(Role role) { return kRoles[static_cast<size_t>(role)]; }

}  // namespace

absl::string_view NameOf(Permission permission) {
  switch (permission) {
    case kNone:
      return "NONE";
    case kReadCatalog:
      return "READ_CATALOG";
    case kManageCatalog:
      return "MANAGE_CATALOG";
    case kManageServicePlans:
      return "MANAGE_SERVICE_PLANS";
    case kReadPartners:
      return "READ_PARTNERS";
    case kManagePartners:
      return "MANAGE_PARTNERS";
    case kReadCustomers:
      return "READ_CUSTOMERS";
    case kManageCustomers:
      return "MANAGE_CUSTOMERS";
    case kReadSubscriptions:
      return "READ_SUBSCRIPTIONS";
    case kManageSubscriptions:
      return "MANAGE_SUBSCRIPTIONS";
    case kReadLicenses:
      return "READ_LICENSES";
    case kManageLicenses:
      return "MANAGE_LICENSES";
    case kCheckLicenses:
      return "CHECK_LICENSES";
    case kActivateLicenses:
      return "ACTIVATE_LICENSES";
    case kReportUsage:
      return "REPORT_USAGE";
    case kReadPools:
      return "READ_POOLS";
    case kManagePools:
      return "MANAGE_POOLS";
    case kReadRegistrationKeys:
      return "READ_REGISTRATION_KEYS";
    case kManageRegistrationKeys:
      return "MANAGE_REGISTRATION_KEYS";
    case kIssueLicenseTokens:
      return "ISSUE_LICENSE_TOKENS";
    case kReadLicenseTokenKeys:
      return "READ_LICENSE_TOKEN_KEYS";
    case kReadReports:
      return "READ_REPORTS";
    case kReadHistory:
      return "READ_HISTORY";
    case kReadApiKeys:
      return "READ_API_KEYS";
    case kManageApiKeys:
      return "MANAGE_API_KEYS";
  }
  return "";
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
