#include "server/domain/decision/complete.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/domain/decision/invariants.h"
#include "server/domain/license/announcement.h"
#include "server/domain/license/pool.h"
#include "server/domain/subscription/due.h"
#include "storage/status_macros.h"

namespace lmp::domain {

absl::Status Complete(const model::World& before, model::World& after, Date today) {
  RETURN_IF_ERROR(SettlePools(before, after));
  AnnounceDecided(before, after, today);
  SetDueDates(after);
  const std::vector<std::string> violations = InvariantViolations(after, today);
  if (violations.empty()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("this would break: ", absl::StrJoin(violations, "; ")));
}

}  // namespace lmp::domain
