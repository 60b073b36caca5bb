#include "storage/mysql/connector/driver_failure.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "storage/mysql/errors.h"

namespace lmp::storage {
namespace {

constexpr size_t kMaxContext = 250;  // bytes of the SQL that is quoted in a message

}  // namespace

absl::Status ToStatus(const DriverFailure& failure, absl::string_view context) {
  absl::Status status = StatusFromMysql(
      failure.number, failure.sqlstate,
      context.size() <= kMaxContext ? std::string(context) : absl::StrCat(context.substr(0, kMaxContext), "…"));
  // The driver's text is for the log. For a duplicate it is left out: it quotes the value, which is somebody's data,
  // and tells nothing more.
  if (status.code() != absl::StatusCode::kAlreadyExists) status.SetPayload(kMysqlTextPayload, absl::Cord(failure.text));
  return status;
}

}  // namespace lmp::storage
