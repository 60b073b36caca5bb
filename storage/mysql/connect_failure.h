// Says in the system's words why a database can't be reached: the driver only says "Operation now in progress".
#ifndef LMP_STORAGE_MYSQL_CONNECT_FAILURE_H_
#define LMP_STORAGE_MYSQL_CONNECT_FAILURE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// The place of the database: "127.0.0.1:3306", or "socket /run/mysqld.sock".
std::string PlaceOf(const DatabaseOptions& options);

// Returns a text like ": Connection refused" for an attempt that took `took` and ended with the driver's number and
// text; "" if the attempt did not fail in the system. To find out, it connects briefly by itself.
std::string WhyNotReached(const DatabaseOptions& options, int number, absl::string_view driver_text,
                          absl::Duration took);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_CONNECT_FAILURE_H_
