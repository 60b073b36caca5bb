#ifndef LMP_TESTS_STORAGE_IN_TRANSACTION_H_
#define LMP_TESTS_STORAGE_IN_TRANSACTION_H_

#include "storage/mysql/connection.h"
#include "storage/status_macros.h"

namespace lmp::storage {

// What `body` returns, a Status or a StatusOr: what it did is committed if that is OK, and else rolled back. Errors:
// those of `body` and of the connection.
template <class Body>
auto InTransaction(Connection& connection, Body body) -> decltype(body()) {
  RETURN_IF_ERROR(connection.Execute("BEGIN"));
  auto result = body();
  RETURN_IF_ERROR(connection.Execute(result.ok() ? "COMMIT" : "ROLLBACK"));
  return result;
}

}  // namespace lmp::storage

#endif  // LMP_TESTS_STORAGE_IN_TRANSACTION_H_
