#include "server/domain/complete.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/invariants.h"
#include "server/domain/pool.h"
#include "server/domain/due.h"
#include "storage/status_macros.h"

namespace lmp::domain {

absl::Status Complete(const model::World& before, model::World& after, Date today) {
  RETURN_IF_ERROR(SettlePools(before, after));
  SetDueDates(after);
  const std::vector<std::string> violations = InvariantViolations(after, today);
  if (violations.empty()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("this would break: ", absl::StrJoin(violations, "; ")));
}

}  // namespace lmp::domain
