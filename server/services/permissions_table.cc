#include "server/services/permissions_table.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "server/auth/roles.h"
#include "server/rpcs/rpc.h"

namespace lmp::server {
namespace {

std::string BindingsOf(const auth::RoleRow& row) {
  std::string bindings;
  for (const auto& [may, name] : {std::pair(row.bindings.none, "nothing"), std::pair(row.bindings.partner, "a partner"),
                                  std::pair(row.bindings.customer, "a customer")}) {
    if (may) absl::StrAppend(&bindings, bindings.empty() ? "" : ", or ", name);
  }
  return bindings;
}

}  // namespace

std::string PermissionsTable() {
  std::string text = "Roles, and what whoever has one is bound to:\n";
  size_t column = 1;
  for (const auth::RoleRow& row : auth::RoleTable()) {
    absl::StrAppendFormat(&text, "%2d %-18s %s\n", column++, row.name, BindingsOf(row));
  }
  absl::StrAppend(&text, "\nThe permission that each RPC needs, and the roles that have it:\n");
  absl::StrAppendFormat(&text, "%-28s %-26s", "", "");
  for (column = 1; column <= auth::RoleTable().size(); ++column) absl::StrAppendFormat(&text, " %d", column);
  absl::StrAppend(&text, "\n");
  for (const google::protobuf::ServiceDescriptor* service : rpcs::Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const rpcs::Rpc& rpc = *rpcs::FindRpc(service->method(i)->name());
      absl::StrAppendFormat(&text, "%-28s %-26s", rpc.name, auth::NameOf(rpc.needs));
      for (const auth::RoleRow& row : auth::RoleTable())
        absl::StrAppend(&text, row.permissions.contains(rpc.needs) ? " x" : " .");
      absl::StrAppend(&text, "\n");
    }
  }
  return text;
}

}  // namespace lmp::server
