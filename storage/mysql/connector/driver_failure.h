// What the driver throws, as a value and as a Status.
#ifndef LMP_STORAGE_MYSQL_CONNECTOR_DRIVER_FAILURE_H_
#define LMP_STORAGE_MYSQL_CONNECTOR_DRIVER_FAILURE_H_

#include <cppconn/exception.h>

#include <exception>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lmp::storage {

// A failure before it becomes a Status.
struct DriverFailure {
  int number = 0;
  std::string sqlstate;
  std::string text;
};

// Runs `function` and turns whatever it throws into a failure.
template <typename Function>
std::optional<DriverFailure> Catch(const Function& function) {
  try {
    function();
    return std::nullopt;
  } catch (const sql::SQLException& e) {
    return DriverFailure{e.getErrorCode(), e.getSQLState(), e.what()};
  } catch (const std::exception& e) {
    return DriverFailure{0, "", e.what()};
  }
}

// Says what failed: `context`, of which the beginning is quoted. The driver's own text is a payload (errors.h).
absl::Status ToStatus(const DriverFailure& failure, absl::string_view context);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_CONNECTOR_DRIVER_FAILURE_H_
