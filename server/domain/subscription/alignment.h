// Ends that are brought together: the end of a term that is given by a date or by another subscription.
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_ALIGNMENT_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_ALIGNMENT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/model/world.h"

namespace lmp::domain {

using model::Date;

// As lmp.v1.Alignment: one of them, or none.
struct AlignmentChoice {
  std::optional<std::string> subscription;  // id of another subscription of the customer
  std::optional<Date> date;

  bool given() const { return subscription.has_value() || date.has_value(); }
  // The request's field that says it.
  const char* field() const { return date.has_value() ? "align.expiration_date" : "align.subscription"; }
};

// Where a term ends, and from which day later terms count.
struct End {
  Date expiration;
  std::optional<Date> anchor;  // the other subscription's: both renew on the same day for ever. None: the date itself
};

// What the choice means today: the date, or the latest expiration, as shown, of the other's licenses that have not
// ended. Errors: INVALID_ARGUMENT, the other has none.
absl::StatusOr<End> EndOf(const model::World& world, const std::string& customer_id, const AlignmentChoice& choice,
                          Date today);

// Whether the license has this end already: on that day, as shown, and with the same day of the month for what comes
// after.
bool HasEnd(const model::World& world, const model::License& license, const End& end);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_ALIGNMENT_H_
