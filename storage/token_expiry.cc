#include "storage/token_expiry.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/rows/columns.h"
#include "storage/status_macros.h"

namespace lmp::storage {
namespace {

// Read from the last key on, and not from its customer's first token (storage/rows/row_page.cc).
constexpr char kNext[] =
    "SELECT customer_id, token_id, expire_time FROM license_tokens FORCE INDEX (PRIMARY) WHERE customer_id > ? OR "
    "(customer_id = ? AND token_id > ?) ORDER BY customer_id, token_id LIMIT ?";

}  // namespace

absl::StatusOr<ExpiredTokens> DeleteExpiredTokens(Connection& connection, absl::Time before, const model::RowKey& after,
                                                  int limit) {
  ExpiredTokens result;
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kNext, {after.first, after.first, after.second, int64_t{limit}}));
  std::vector<model::RowKey> expired;
  int looked_at = 0;
  while (rows->Next()) {
    ++looked_at;
    result.last = {rows->String(0), rows->String(1)};
    if (ParseDateTime(rows->String(2)) < before) expired.push_back(result.last);
  }
  RETURN_IF_ERROR(rows->status());
  if (looked_at < limit) result.last = {};
  static const std::string& sql = *new std::string(
      absl::StrCat("DELETE t FROM ", PairsTable(),
                   " STRAIGHT_JOIN license_tokens t ON t.customer_id = wanted.key1 AND t.token_id = wanted.key2"));
  if (!expired.empty()) {
    ASSIGN_OR_RETURN(result.deleted, connection.Update(sql, {PairsToJson(expired)}));
  }
  return result;
}

}  // namespace lmp::storage
