#include "server/auth/look.h"

namespace lmp::auth {

bool IsVerdict(const absl::Status& error) { return absl::IsUnauthenticated(error) || absl::IsPermissionDenied(error); }

bool MayStay(const absl::Status& error, absl::Duration unanswered) {
  return !IsVerdict(error) && unanswered <= kLongestUnanswered;
}

}  // namespace lmp::auth
