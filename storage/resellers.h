// The partners below a distributor.
#ifndef LMP_STORAGE_RESELLERS_H_
#define LMP_STORAGE_RESELLERS_H_

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// The ids of all partners whose parent this is. Errors: those of the connection.
absl::StatusOr<std::set<std::string>> LoadResellers(Connection& connection, const std::string& parent_id);

// The partner of a customer; empty if there is no such customer. Errors: those of the connection.
absl::StatusOr<std::string> LoadPartnerOf(Connection& connection, const std::string& customer_id);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_RESELLERS_H_
