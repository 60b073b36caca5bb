// Customers: companies that partners look after.
#ifndef LMP_SERVER_DOMAIN_CUSTOMER_CUSTOMER_H_
#define LMP_SERVER_DOMAIN_CUSTOMER_CUSTOMER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/domain/env.h"
#include "server/domain/patch.h"
#include "server/domain/refusal.h"
#include "storage/model/world.h"

namespace lmp::domain {

inline constexpr absl::Duration kUndeletePeriod = absl::Hours(24 * 30);

// Deleted so long ago that it can't be undeleted any more: its external_id is free, and it loses it to whoever takes
// it.
bool IsGone(const model::Customer& customer, absl::Time now);

// What is wrong with the fields a caller sets; paths as in lmp.v1.Customer.
std::vector<FieldViolation> CustomerViolations(const model::Customer& customer);

struct CreateCustomerCommand {
  model::Customer customer;  // with its id

  model::Footprint footprint() const;
};

// Returns the customer's id. Errors: PARTNER_NOT_FOUND, PARTNER_SUSPENDED, PARTNER_CANCELED; CUSTOMER_EXISTS;
// EXTERNAL_ID_TAKEN (by a customer that is not gone); INVALID_ARGUMENT.
absl::StatusOr<std::string> CreateCustomer(model::World& world, const CreateCustomerCommand& command, const Env& env);

struct UpdateCustomerCommand {
  std::string customer_id;
  std::string etag;
  Patch<model::Customer> patch;

  model::Footprint footprint() const;
};

// Returns the customer's id. Errors: CUSTOMER_NOT_FOUND; ETAG_MISMATCH; CUSTOMER_DELETED; those of its partner;
// EXTERNAL_ID_TAKEN; INVALID_ARGUMENT (also an attempt to change what can't be changed).
absl::StatusOr<std::string> UpdateCustomer(model::World& world, const UpdateCustomerCommand& command, const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_CUSTOMER_CUSTOMER_H_
