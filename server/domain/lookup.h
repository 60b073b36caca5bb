// Finding rows as a caller may see them. What belongs to another partner is simply not found.
#ifndef LMP_SERVER_DOMAIN_LOOKUP_H_
#define LMP_SERVER_DOMAIN_LOOKUP_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "storage/model/world.h"

namespace lmp::domain {

// Full names of rows, as the API shows them.
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

// Opaque to clients; changes with every change of the row.
std::string EtagOf(const model::Stamp& stamp);
// Changes with the subscription and with every licence of it.
std::string EtagOf(const model::World& world, const model::Subscription& subscription);

// True if `caller` is bound to no partner, to this one, or to its parent. Reading is allowed then; changing only
// without a binding or with a binding to this very partner.
bool MayRead(const Caller& caller, const model::Catalogue& catalogue, const std::string& partner_id);
bool MayChange(const Caller& caller, const std::string& partner_id);

// Rows to read. Errors: NOT_FOUND with the noun's reason.
absl::StatusOr<const model::Partner*> FindPartner(const model::World& world, const Caller& caller,
                                                  const std::string& id);
absl::StatusOr<const model::Product*> FindProduct(const model::World& world, const std::string& id);
absl::StatusOr<const model::ServicePlan*> FindServicePlan(const model::World& world, const Caller& caller,
                                                          const std::string& id);
absl::StatusOr<const model::Customer*> FindCustomer(const model::World& world, const Caller& caller,
                                                    const std::string& id);

// A partner whose things may be changed now. Errors: NOT_FOUND; PARTNER_SUSPENDED, PARTNER_CANCELED.
absl::StatusOr<const model::Partner*> FindWritablePartner(const model::World& world, const Caller& caller,
                                                          const std::string& id);
// OK, or CUSTOMER_DISABLED: gets no new licences.
absl::Status CheckEnabled(const model::Customer& customer);
// A customer that may be changed now. Errors: NOT_FOUND; CUSTOMER_DELETED; those of its partner.
absl::StatusOr<model::Customer*> FindWritableCustomer(model::World& world, const Caller& caller,
                                                      const std::string& id);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LOOKUP_H_
