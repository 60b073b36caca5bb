// What a decision may know besides the rows: the time, who asks, and where new ids come from. All of it is passed in,
// so that a decision is a pure function.
#ifndef LMP_SERVER_DOMAIN_ENV_H_
#define LMP_SERVER_DOMAIN_ENV_H_

#include <string>

#include "absl/time/time.h"
#include "storage/model/row.h"

namespace lmp::domain {

using model::Date;

struct Caller {
  std::string actor;        // authenticated name; written into every event
  std::string partner_id;   // bound to this partner and what is below it; empty: sees all, unless
  std::string customer_id;  // it is bound to this customer: sees this one alone, and changes nothing
  std::string reason;       // the caller's words for the history, may be empty
};

class IdSource {
 public:
  virtual ~IdSource() = default;
  // The id is unique, ordered by time, in lower case, and has 26 characters of [0-9a-z].
  virtual std::string NewId(absl::Time now) = 0;
  // The code is unguessable and unique, like "LM-9K3F-7QXWD-….".
  virtual std::string NewActivationCode() = 0;
};

struct Env {
  absl::Time now;  // read once for each batch
  Date today;      // the day of `now` in UTC
  const Caller& caller;
  IdSource& ids;
};

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_ENV_H_
