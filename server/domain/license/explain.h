// Explains why a license is as it is: for each of its fields it names the event that last set the field, and the rule,
// in words for a person at the partner's desk. tests/domain/vectors/explain.txt has the sentences.
#ifndef LMP_SERVER_DOMAIN_LICENSE_EXPLAIN_H_
#define LMP_SERVER_DOMAIN_LICENSE_EXPLAIN_H_

#include <optional>
#include <string>
#include <vector>

#include "server/domain/env.h"
#include "server/domain/license/last_changes.h"
#include "storage/model/event.h"
#include "storage/model/world.h"

namespace lmp::domain {

// What happened to a license and to the rows that overlay its state; each list has the oldest change first. Changes of
// which nothing is left may be missing (LastChanges), and so may reports of use.
struct LicenseHistory {
  std::vector<Recorded<model::License>> license;
  std::vector<Recorded<model::Customer>> customer;
  std::vector<Recorded<model::Partner>> partner;
  std::vector<Recorded<model::Product>> product;
};

struct Explanation {
  std::string field;                  // a field of the API's License
  std::string rule;                   // one sentence without its full stop
  std::optional<model::Event> event;  // empty if the value came with time, or the change is not stored yet
};

// Explains units, start_date, expiration_date, grace_end_date, subscription and state, in this order. The world has the
// license and its overlays as they are on `today`; the history reaches up to the same day.
std::vector<Explanation> ExplainLicense(const model::World& world, const model::License& license,
                                        const LicenseHistory& history, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_EXPLAIN_H_
