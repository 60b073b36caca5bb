// One-time keys that let a customer claim a service plan. [LMP]
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_REGISTRATION_KEY_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_REGISTRATION_KEY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/domain/env.h"
#include "server/domain/refusal.h"
#include "server/domain/subscription/plan_assignment.h"
#include "storage/model/world.h"

namespace lmp::domain {

inline constexpr int kKeyDays = 90;      // how long a key is valid if the caller says nothing [ours]
inline constexpr int kMaxKeyDays = 366;  // the longest that a key may be valid [ours]

// The state on a day: the stored one, but EXPIRED from expire_date on, if nobody has redeemed or voided the key.
model::RegistrationKeyState StateOf(const model::RegistrationKey& key, Date today);

// True if the key is ISSUED but its units no longer fit its plan, which has changed or was deleted since: nobody can
// redeem the key as it is. [ours]
bool IsStale(const model::Catalog& catalog, const model::RegistrationKey& key, Date today);

// Finds a key to read. Errors: REGISTRATION_KEY_NOT_FOUND, also for another partner's key.
absl::StatusOr<const model::RegistrationKey*> FindRegistrationKey(const model::World& world, const Caller& caller,
                                                                  const std::string& id);

struct CreateRegistrationKeyCommand {
  std::string key_id;
  std::string service_plan_id;
  std::map<std::string, int> units;  // by product id
  std::optional<Date> expire_date;
  std::string note;

  model::Footprint footprint() const { return {.service_plans = {service_plan_id}, .registration_keys = {key_id}}; }
};

// Returns the key's id. Errors: those of lmp.v1.LicensingService.CreateRegistrationKey.
absl::StatusOr<std::string> CreateRegistrationKey(model::World& world, const CreateRegistrationKeyCommand& command,
                                                  const Env& env);

struct UpdateRegistrationKeyCommand {
  std::string id;
  std::string etag;
  std::optional<std::map<std::string, int>> units;  // by product id; replaces all of them
  std::optional<Date> expire_date;
  std::optional<std::string> note;

  model::Footprint footprint() const { return {.registration_keys = {id}}; }
};

// Updates an ISSUED key. Returns its id. Errors: those of lmp.v1.LicensingService.UpdateRegistrationKey.
absl::StatusOr<std::string> UpdateRegistrationKey(model::World& world, const UpdateRegistrationKeyCommand& command,
                                                  const Env& env);

struct VoidRegistrationKeyCommand {
  static constexpr char kCollection[] = "registrationKeys";
  std::string id;
  std::string etag;

  model::Footprint footprint() const { return {.registration_keys = {id}}; }
};

// Makes an ISSUED key VOIDED.
absl::StatusOr<std::string> VoidRegistrationKey(model::World& world, const VoidRegistrationKeyCommand& command,
                                                const Env& env);

struct RedeemRegistrationKeyCommand {
  std::string key_id;
  std::string etag;                     // the key's etag
  AssignServicePlanCommand assignment;  // without plan and units, which come from the key

  model::Footprint footprint() const { return {.customers = {assignment.customer_id}, .registration_keys = {key_id}}; }
};

struct RedeemRegistrationKeyResult : AssignServicePlanResult {
  std::string key_id;
};

// Makes an ISSUED key REDEEMED and assigns the plan: both or neither. The lock on the key lets only one customer
// succeed.
absl::StatusOr<RedeemRegistrationKeyResult> RedeemRegistrationKey(model::World& world,
                                                                  const RedeemRegistrationKeyCommand& command,
                                                                  const Env& env);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_REGISTRATION_KEY_H_
