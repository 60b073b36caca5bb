// Finds rows as a caller may see them. For the caller, rows of another partner do not exist.
#ifndef LMP_SERVER_DOMAIN_LOOKUP_H_
#define LMP_SERVER_DOMAIN_LOOKUP_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/standing.h"
#include "storage/model/world.h"

namespace lmp::domain {

// The full names of rows, as the API shows them.
std::string PartnerName(const std::string& id);
std::string CustomerName(const std::string& id);
std::string ProductName(const std::string& id);
std::string ServicePlanName(const std::string& id);
std::string SubscriptionName(const std::string& customer_id, const std::string& id);
std::string PoolName(const std::string& partner_id, const std::string& product_id);
std::string ScheduledChangeName(const std::string& customer_id, const std::string& id);
std::string RegistrationKeyName(const std::string& id);
std::string LicenseTokenName(const std::string& customer_id, const std::string& id);
std::string LicenseName(const std::string& customer_id, const std::string& id);

// The etag is opaque to clients and changes with every change of the row.
std::string EtagOf(const model::Stamp& stamp);
// This etag changes with the subscription and with every license of it.
std::string EtagOf(const model::World& world, const model::Subscription& subscription);

// True if `caller` is bound to no partner, to this one, or to its parent. Reading is allowed then; changing only
// without a binding or with a binding to this very partner. A caller bound to a customer may neither.
bool MayRead(const Caller& caller, const model::Catalog& catalog, const std::string& partner_id);
bool MayChange(const Caller& caller, const std::string& partner_id);
// The same of a customer and all that is its; a caller bound to a customer may read that one.
bool MayReadCustomer(const Caller& caller, const model::Catalog& catalog, const model::Customer& customer);

// These find rows to read. Errors: NOT_FOUND with the noun's reason.
absl::StatusOr<const model::Partner*> FindPartner(const model::World& world, const Caller& caller,
                                                  const std::string& id);
absl::StatusOr<const model::Product*> FindProduct(const model::World& world, const std::string& id);
absl::StatusOr<const model::ServicePlan*> FindServicePlan(const model::World& world, const Caller& caller,
                                                          const std::string& id);
absl::StatusOr<const model::Customer*> FindCustomer(const model::World& world, const Caller& caller,
                                                    const std::string& id);

// Finds a partner for which the verb may be done now. Errors: NOT_FOUND; PARTNER_SUSPENDED, PARTNER_CANCELED
// (standing.h).
absl::StatusOr<const model::Partner*> FindWritablePartner(const model::World& world, const Caller& caller, Verb verb,
                                                          const std::string& id);
// Finds a customer for which the verb may be done now. Errors: NOT_FOUND; those of its partner; CUSTOMER_DELETED,
// CUSTOMER_DISABLED.
absl::StatusOr<model::Customer*> FindWritableCustomer(model::World& world, const Caller& caller, Verb verb,
                                                      const std::string& id);
// The same for verbs that take the customer's etag as the caller read it. A stale etag is refused before a wrong state,
// because a caller with a stale etag could not know the state. Errors: also ETAG_MISMATCH; WRONG_STATE for the
// customer's own verbs.
absl::StatusOr<model::Customer*> FindReadCustomer(model::World& world, const Caller& caller, Verb verb,
                                                  const std::string& id, const std::string& etag);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LOOKUP_H_
