// Advisories: what is allowed but looks like a mistake. Every answer and preview names them; they refuse nothing.
// [ours]
#ifndef LMP_SERVER_DOMAIN_DECISION_ADVISORIES_H_
#define LMP_SERVER_DOMAIN_DECISION_ADVISORIES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/domain/env.h"
#include "storage/model/world.h"

namespace lmp::domain {

// Same values and numbers as lmp.v1.AdvisoryCode.
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
  std::string text;      // a sentence for people
  bool operator==(const Advisory&) const = default;
};

// The advisories about what a decision made of `before`, in order of resource: first of licenses, then of
// subscriptions, then of scheduled changes. `before` is what the caller could see, with all that was due applied: what
// time did by itself is nobody's mistake.
//   TERM_SHORTENED     A license ends earlier than it did; a new license: earlier than its plan's term would end.
//   UNITS_REDUCED      A license has fewer units than it had.
//   UNITS_MULTIPLIED   A license has at least ten times the units it had; a new license: at least ten times the units
//                      of the customer's largest license in the same kind of unit.
//   OTHER_LEVEL_HELD   A license is new, or changed its product, beside one on another level of the product's family.
//   BACKDATED          A new subscription starts before today.
//   NEVER_RENEWS       Nothing will renew a new subscription; or nothing will any longer renew a subscription, or a
//                      license that left its subscription, though it would have been renewed before. It is not said
//                      of trials and NFR, whose terms are fixed.
// A change that was scheduled for a later day is judged as if it took effect today.
std::vector<Advisory> Advisories(const model::World& before, const model::World& after, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_DECISION_ADVISORIES_H_
