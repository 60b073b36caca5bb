// Alignment brings ends together: the end of a term is given by a date or by another subscription.
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_ALIGNMENT_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_ALIGNMENT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/model/world.h"

namespace lmp::domain {

using model::Date;

// Same as lmp.v1.Alignment: at most one of the two is set.
struct AlignmentChoice {
  std::optional<std::string> subscription;  // id of another subscription of the customer
  std::optional<Date> date;

  bool given() const { return subscription.has_value() || date.has_value(); }
  // The request's field that holds the choice.
  const char* field() const { return date.has_value() ? "align.expiration_date" : "align.subscription"; }
};

// Where a term ends, and the day from which later terms are counted.
struct End {
  Date expiration;
  // The other subscription's anchor, so that both renew on the same day for ever; empty: the date itself.
  std::optional<Date> anchor;
};

// Returns what the choice means today: the given date, or the latest expiration, as shown, of the other subscription's
// licenses that have not ended. Errors: INVALID_ARGUMENT if the other subscription has no such license.
absl::StatusOr<End> EndOf(const model::World& world, const std::string& customer_id, const AlignmentChoice& choice,
                          Date today);

// True if the license already has this end: it ends on that day, as shown, and later terms end on the same day of the
// month.
bool HasEnd(const model::World& world, const model::License& license, const End& end);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_ALIGNMENT_H_
