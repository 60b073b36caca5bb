// Why a command was refused: everything the wire needs for google.rpc details, carried inside an absl::Status.
#ifndef LMP_SERVER_DOMAIN_REFUSAL_H_
#define LMP_SERVER_DOMAIN_REFUSAL_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lmp::domain {

struct FieldViolation {
  std::string field;  // path in the request, e.g. "units[1].units"
  std::string description;
  bool operator==(const FieldViolation&) const = default;
};

// A product that a plan and the customer's licenses hold twice. The fields are ids, except for the two full names.
struct Duplicate {
  std::string product_id;
  std::string license_name;          // "customers/c/licenses/l"
  std::string subscription_name;     // "customers/c/subscriptions/s"; empty: the license is unbundled
  std::vector<std::string> choices;  // of TRANSFER and NEW_LICENSE
  bool operator==(const Duplicate&) const = default;
};

inline constexpr std::size_t kMaxViolations = 100;

struct Refusal {
  std::string reason;    // a constant of reasons.h
  std::string resource;  // full name of the resource that the refusal is about; may be empty
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> violations;  // at most kMaxViolations
  std::size_t more_violations = 0;         // how many there are beyond `violations`
  std::vector<Duplicate> duplicates;
};

// Makes a status that carries the refusal as its payload.
absl::Status Refuse(absl::StatusCode code, absl::string_view message, const Refusal& refusal);

// The refusal that a status carries; its reason is empty if the status carries none.
Refusal RefusalOf(const absl::Status& status);

// Short forms for common refusals.
absl::Status NotFound(absl::string_view reason, absl::string_view resource);
absl::Status AlreadyExists(absl::string_view reason, absl::string_view resource, absl::string_view message);
absl::Status Precondition(absl::string_view reason, absl::string_view resource, absl::string_view message,
                          std::map<std::string, std::string> metadata = {});
// INVALID_ARGUMENT with the violations, each field behind `prefix` ("customer."); OK if there is none. At most
// kMaxViolations are listed; the others, and `more`, are only counted.
absl::Status InvalidFields(std::vector<FieldViolation> violations, absl::string_view prefix = "", std::size_t more = 0);
// ABORTED ETAG_MISMATCH with the current etag, if `given` is set and differs from it; otherwise OK.
absl::Status CheckEtag(absl::string_view given, absl::string_view current, absl::string_view resource);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_REFUSAL_H_
