// What a look at who calls says about somebody who was let in before, and is still there: who watches.
#ifndef LMP_SERVER_AUTH_LOOK_H_
#define LMP_SERVER_AUTH_LOOK_H_

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace lmp::auth {

// So long nobody may be there to be asked: a database that fails over, a crowd of keys that are looked up. Beyond it
// whoever keeps looks from being answered would keep a key that was revoked.
inline constexpr absl::Duration kLongestUnanswered = absl::Minutes(5);

// True if the error of a look says that the caller may not, and not only that it can't be found out now.
bool IsVerdict(const absl::Status& error);

// Whether a caller may stay though a look ended with this error; `unanswered` is the time since the first that did in a
// row.
bool MayStay(const absl::Status& error, absl::Duration unanswered);

}  // namespace lmp::auth

#endif  // LMP_SERVER_AUTH_LOOK_H_
