#include "storage/resellers.h"

#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kOfParent[] = "SELECT partner_id FROM partners WHERE parent_id = ?";

}  // namespace

absl::StatusOr<std::set<std::string>> LoadResellers(Connection& connection, const std::string& parent_id) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kOfParent, {parent_id}));
  std::set<std::string> ids;
  while (rows->Next()) ids.insert(rows->String(0));
  RETURN_IF_ERROR(rows->status());
  return ids;
}

}  // namespace lmp::storage
