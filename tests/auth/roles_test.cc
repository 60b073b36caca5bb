#include "server/auth/roles.h"

#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <sstream>

namespace lmp::auth {
namespace {

TEST(Roles, EachHasANameThatIsItsOwn) {
  std::set<std::string> names;
  for (const RoleRow& row : RoleTable()) {
    EXPECT_TRUE(names.insert(std::string(row.name)).second);
    EXPECT_EQ(RoleOf(row.name), row.role);
  }
  EXPECT_EQ(RoleOf("admin"), std::nullopt);
  EXPECT_EQ(RoleOf(""), std::nullopt);
}

TEST(Permissions, EachHasANameThatIsItsOwn) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(kLastPermission); ++i) {
    EXPECT_TRUE(names.insert(std::string(NameOf(static_cast<Permission>(i)))).second) << i;
  }
  EXPECT_FALSE(names.contains(""));
}

// What must hold whatever somebody writes into the table.
TEST(Roles, WhoIsBoundNeverHasWhatIsTheVendors) {
  for (const RoleRow& row : RoleTable()) {
    if (!row.bindings.partner && !row.bindings.customer) continue;
    for (const Permission vendors :
         {Permission::kManageCatalog, Permission::kManagePartners, Permission::kManagePools}) {
      EXPECT_FALSE(row.permissions.contains(vendors)) << row.name << " " << NameOf(vendors);
    }
  }
}

TEST(Roles, ACustomerReadsItsOwnAndNothingElse) {
  const PermissionSet allowed = {Permission::kReadCustomers, Permission::kReadSubscriptions, Permission::kReadLicenses,
                                 Permission::kCheckLicenses, Permission::kReadHistory};
  for (const RoleRow& row : RoleTable()) {
    EXPECT_TRUE(!row.bindings.customer || allowed.contains(row.permissions)) << row.name;
  }
}

TEST(Roles, NoneMayNothing) {
  EXPECT_EQ(PermissionsOf(std::vector<Role>()), PermissionSet());
  EXPECT_FALSE(PermissionSet().contains(Permission::kReadCatalog));
  EXPECT_TRUE(PermissionSet().contains(Permission::kNone));
}

TEST(Roles, OnlyAnAdminMayAll) {
  for (const RoleRow& row : RoleTable())
    EXPECT_EQ(row.permissions == PermissionSet::All(), row.role == Role::kAdmin) << row.name;
}

}  // namespace
}  // namespace lmp::auth
