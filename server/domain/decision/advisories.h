// What is allowed but looks like a mistake: said in every answer and preview, refusing nothing. [ours]
#ifndef LMP_SERVER_DOMAIN_DECISION_ADVISORIES_H_
#define LMP_SERVER_DOMAIN_DECISION_ADVISORIES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/domain/env.h"
#include "storage/model/world.h"

namespace lmp::domain {

// As lmp.v1.AdvisoryCode; same numbers.
enum class AdvisoryCode {
  kUnspecified,
  kTermShortened,
  kUnitsReduced,
  kUnitsMultiplied,
  kOtherLevelHeld,
  kBackdated,
  kNeverRenews
};
absl::string_view NameOf(AdvisoryCode code);

struct Advisory {
  AdvisoryCode code = AdvisoryCode::kUnspecified;
  std::string resource;  // its full name
  std::string text;      // for people
  bool operator==(const Advisory&) const = default;
};

// About what a decision made of `before`, in order of resource: first of licenses, then of subscriptions, then of
// scheduled changes. `before` is what the caller could see, caught up with time: what time did by itself is nobody's
// mistake.
//   TERM_SHORTENED     a license ends earlier than it did, or (new) than its plan's term would
//   UNITS_REDUCED      a license has fewer units than it had
//   UNITS_MULTIPLIED   it has ten times as many or more; a new one: than any the customer has in the same kind of unit
//   OTHER_LEVEL_HELD   it is new, or became another product, beside one on another level of the family
//   BACKDATED          a new subscription starts before today
//   NEVER_RENEWS       a new subscription that nothing will renew, or one that would have been renewed and no longer
//   will; a
//                      license that fell out of one. Not of trials and NFR, whose terms are fixed.
// A change that now waits for its day is looked at as if it were today.
std::vector<Advisory> Advisories(const model::World& before, const model::World& after, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_DECISION_ADVISORIES_H_
