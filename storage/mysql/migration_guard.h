// What `migrate` looks at beside its own statements: whose database it is, and who stands in the way.
#ifndef LMP_STORAGE_MYSQL_MIGRATION_GUARD_H_
#define LMP_STORAGE_MYSQL_MIGRATION_GUARD_H_

#include <string>

#include "absl/status/status.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// OK if the connection's database is empty or one that was migrated by us, or begun to be. FAILED_PRECONDITION if it is
// another program's, naming some of its tables. Reads only.
absl::Status CheckOurs(Connection& connection);

// Sessions that may hold what a statement waits for, for people to read: those with an open transaction, the oldest
// first, or if we may not see transactions, those in this database.
std::string DescribeOtherSessions(Connection& connection);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_MIGRATION_GUARD_H_
