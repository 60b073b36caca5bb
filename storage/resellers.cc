#include "storage/resellers.h"

#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

constexpr char kOfParent[] = "SELECT partner_id FROM partners WHERE parent_id = ?";
constexpr char kOfCustomer[] = "SELECT partner_id FROM customers WHERE customer_id = ?";

}  // namespace

absl::StatusOr<std::set<std::string>> LoadResellers(Connection& connection, const std::string& parent_id) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kOfParent, {parent_id}));
  std::set<std::string> ids;
  while (rows->Next()) ids.insert(rows->String(0));
  RETURN_IF_ERROR(rows->status());
  return ids;
}

absl::StatusOr<std::string> LoadPartnerOf(Connection& connection, const std::string& customer_id) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kOfCustomer, {customer_id}));
  std::string partner_id;
  if (rows->Next()) partner_id = rows->String(0);
  RETURN_IF_ERROR(rows->status());
  return partner_id;
}

}  // namespace lmp::storage
