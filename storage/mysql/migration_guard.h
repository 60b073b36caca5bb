// What `migrate` checks besides its own statements: whose database it is, and which sessions stand in its way.
#ifndef LMP_STORAGE_MYSQL_MIGRATION_GUARD_H_
#define LMP_STORAGE_MYSQL_MIGRATION_GUARD_H_

#include <string>

#include "absl/status/status.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// OK if the connection's database is empty, or if our migrations were run or begun on it. FAILED_PRECONDITION if it is
// another program's; some of its tables are named. It only reads.
absl::Status CheckOurs(Connection& connection);

// Describes, for people, the sessions that may hold what a statement waits for: those with an open transaction, the
// oldest first; or all that use this database, if we may not see transactions.
std::string DescribeOtherSessions(Connection& connection);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_MIGRATION_GUARD_H_
