// Why a database can't be reached, in the system's words: the driver only has "Operation now in progress".
#ifndef LMP_STORAGE_MYSQL_CONNECT_FAILURE_H_
#define LMP_STORAGE_MYSQL_CONNECT_FAILURE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// "127.0.0.1:3306", "socket /run/mysqld.sock".
std::string PlaceOf(const DatabaseOptions& options);

// ": Connection refused", of an attempt that took so long and ended with the driver's number and text; "" if it did not
// end in the system. Connects itself, for a moment, to find out.
std::string WhyNotReached(const DatabaseOptions& options, int number, absl::string_view driver_text,
                          absl::Duration took);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_CONNECT_FAILURE_H_
