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

// True if the customer was deleted so long ago that it can't be undeleted any more. Its external_id is free then: the
// next customer that asks for the external_id takes it away.
bool IsGone(const model::Customer& customer, absl::Time now);

// What is wrong with the fields that a caller sets; the paths are those of lmp.v1.Customer.
std::vector<FieldViolation> CustomerViolations(const model::Customer& customer);

struct CreateCustomerCommand {
  model::Customer customer;  // with its id

  model::Footprint footprint() const;
};

// Returns the customer's id. Errors: PARTNER_NOT_FOUND, PARTNER_SUSPENDED, PARTNER_CANCELED; CUSTOMER_EXISTS;
// EXTERNAL_ID_TAKEN (another customer has it that is not gone); INVALID_ARGUMENT.
absl::StatusOr<std::string> CreateCustomer(model::World& world, const CreateCustomerCommand& command, const Env& env);

struct UpdateCustomerCommand {
  std::string customer_id;
  std::string etag;
  Patch<model::Customer> patch;

  model::Footprint footprint() const;
};

// Returns the customer's id. Errors: CUSTOMER_NOT_FOUND; ETAG_MISMATCH; CUSTOMER_DELETED; those of the customer's
// partner; EXTERNAL_ID_TAKEN; INVALID_ARGUMENT (also for an attempt to change what can't be changed).
absl::StatusOr<std::string> UpdateCustomer(model::World& world, const UpdateCustomerCommand& command, const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_CUSTOMER_CUSTOMER_H_
