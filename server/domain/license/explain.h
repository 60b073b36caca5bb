// Why a license is as it is: for each of its fields the event that last set it and the rule, in words for a person at
// the partner's desk. tests/domain/vectors/explain.txt has the sentences.
#ifndef LMP_SERVER_DOMAIN_LICENSE_EXPLAIN_H_
#define LMP_SERVER_DOMAIN_LICENSE_EXPLAIN_H_

#include <optional>
#include <string>
#include <vector>

#include "server/domain/env.h"
#include "storage/model/event.h"
#include "storage/model/world.h"

namespace lmp::domain {

// One change of a row, its images read.
template <class Row>
struct Recorded {
  model::Event event;  // event_id 0: time did it and nobody has stored it yet
  std::optional<Row> before;
  Row after;
};

// What happened to a license and to what overlays its state; each oldest first. Reports of use are not needed.
struct LicenseHistory {
  std::vector<Recorded<model::License>> license;
  std::vector<Recorded<model::Customer>> customer;
  std::vector<Recorded<model::Partner>> partner;
  std::vector<Recorded<model::Product>> product;
};

struct Explanation {
  std::string field;                  // of the API's License
  std::string rule;                   // one sentence, without a full stop
  std::optional<model::Event> event;  // none for what came with time or is not stored yet
};

// units, start_date, expiration_date, grace_end_date, subscription, state, in this order. The world has the license and
// its owners as they are on `today`; so has the history.
std::vector<Explanation> ExplainLicense(const model::World& world, const model::License& license,
                                        const LicenseHistory& history, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_EXPLAIN_H_
