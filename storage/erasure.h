// The erasure of a customer. EraseCustomer takes what tells of people (model/personal.h) away from its row and marks it
// (`erasing`); what is here goes through the rest afterwards, in parts, and takes the mark away. What was begun is
// begun anew by whoever comes next: what is erased already is passed over.
//
// It is no change, and so has no events: a row and all images of it lose the same columns, and are still the same.
#ifndef LMP_STORAGE_ERASURE_H_
#define LMP_STORAGE_ERASURE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/mysql/connection.h"

namespace lmp::storage {

// The first customer with the mark, by its id, behind this one; none if there is none. Errors: those of the connection.
absl::StatusOr<std::optional<std::string>> NextErasing(Connection& connection, const std::string& after);

// Inside a transaction (READ COMMITTED), before each of those below: when the customer with the mark was deleted.
// Others who want to go through it pass it over until the COMMIT. None: it has no mark any more, or another has it
// locked. Errors: those of the connection.
absl::StatusOr<std::optional<absl::Time>> LockErasing(Connection& connection, const std::string& customer_id);

struct ErasedPart {
  int64_t erased = 0;    // events
  int64_t last = 0;      // the event that the next part follows,
  std::string last_key;  // or the key
  bool done = false;     // there is no other part
  // An event has no place in the history yet, so its record is not made: begin anew later, a moment after its COMMIT,
  // or, of a history of before, when its turn has come.
  bool waits = false;
};

// Erases the customer's events behind one, and those of other rows that came with them if they have their reason: at
// most `limit` of the former. With an event the answer to its request is forgotten. Errors: those of the connection;
// ABORTED if an event was moved to the archive meanwhile.
absl::StatusOr<ErasedPart> EraseEvents(Connection& connection, const std::string& customer_id, int64_t after,
                                       int limit);

// The same of the API keys that are bound to the customer, and of the registration keys that it redeemed, with their
// rows: at most `limit` of those behind one.
absl::StatusOr<ErasedPart> EraseApiKeys(Connection& connection, const std::string& customer_id,
                                        const std::string& after, int limit);
absl::StatusOr<ErasedPart> EraseRegistrationKeys(Connection& connection, const std::string& customer_id,
                                                 const std::string& after, int limit);

// Takes the mark away. Errors: those of the connection.
absl::Status EndErasure(Connection& connection, const std::string& customer_id);

// The customer that such a key belongs to; empty for none, and for rows of other tables. Errors: those of the
// connection.
absl::StatusOr<std::string> CustomerOfKey(Connection& connection, absl::string_view row_table, const std::string& key);

}  // namespace lmp::storage

#endif  // LMP_STORAGE_ERASURE_H_
