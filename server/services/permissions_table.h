// The table of roles and permissions as one page, printed by `lmp-server permissions`. server/auth/permissions.txt is
// this page, for those who review it.
#ifndef LMP_SERVER_SERVICES_PERMISSIONS_TABLE_H_
#define LMP_SERVER_SERVICES_PERMISSIONS_TABLE_H_

#include <string>

namespace lmp::server {

std::string PermissionsTable();

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_PERMISSIONS_TABLE_H_
